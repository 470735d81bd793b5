// What the scripts have to know of the project: where its parts are and which versions it pins.
// Imports Node's own modules alone, for it runs before anything was installed.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const inProject = (...parts) => join(root, ...parts);

// Everything that the set-up installs outside node_modules; git ignores it.
export const tools = inProject(".tools");

// Rust of the project's own, at a build service that has none; see rustup.mjs.
export const rust = join(tools, "rust");

// The project's own Python environment, for what the test suite takes from PyPI.
export const python = join(tools, "python");

// The tools that Cargo installs, each with the library in Cargo.lock that is of the same version.
export const cargoTools = [
  {
    crate: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    library: "wasm-bindgen",
    version: "0.2.129",
  },
  { crate: "worker-build", binary: "worker-build", library: "worker", version: "0.8.7" },
];

/** Those that only the tests need. What it does takes a second or two at any `level` of optimizing. */
export const cargoToolsForTests = [
  { crate: "cargo-deny", binary: "cargo-deny", version: "0.20.2", level: "0" },
];

export const cargoTool = (binary) => join(tools, "bin", binary);

/** The toolchain that rust-toolchain.toml pins, in the words of rustup. */
export function pinnedToolchain() {
  const text = readFileSync(inProject("rust-toolchain.toml"), "utf8");
  const one = (name) => text.match(new RegExp(`^${name}\\s*=\\s*"([^"]+)"`, "m"))?.[1];
  const many = (name) =>
    [
      ...(text.match(new RegExp(`^${name}\\s*=\\s*\\[([^\\]]*)\\]`, "m"))?.[1] ?? "").matchAll(
        /"([^"]+)"/g,
      ),
    ].map((match) => match[1]);
  return {
    channel: one("channel"),
    profile: one("profile"),
    components: many("components"),
    targets: many("targets"),
  };
}

/** The version of one crate in Cargo.lock, undefined where it is not in use. */
export function lockedCrate(name) {
  const text = readFileSync(inProject("Cargo.lock"), "utf8");
  return text.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))?.[1];
}

/**
 * The environment of every command: the pinned toolchain answers, whatever a developer has set as
 * an override.
 */
export function projectEnvironment(extra = {}) {
  const toolchain = { RUSTUP_TOOLCHAIN: pinnedToolchain().channel };
  return { ...process.env, ...ownRust(), ...toolchain, ...extra };
}

function ownRust() {
  const cargo = join(rust, "cargo");
  if (!existsSync(join(cargo, "bin", "rustup"))) return {};
  const PATH = [join(cargo, "bin"), process.env.PATH].join(delimiter);
  return { PATH, CARGO_HOME: cargo, RUSTUP_HOME: join(rust, "rustup") };
}

/** A failure whose message is for a reader: shown without a stack. */
export class Stop extends Error {}

/**
 * Runs a script's main function, under a Node that is new enough; a Stop ends it with its message,
 * anything else with a stack, and both with `failure`.
 */
export async function main(run, failure = 1) {
  try {
    // Not at the top: it imports this file.
    const { goOnUnderNewer, isNewEnough } = await import("./node.mjs");
    if (!isNewEnough()) await goOnUnderNewer();
    await run();
  } catch (error) {
    console.error(error instanceof Stop ? `\n${error.message}` : error);
    process.exit(failure);
  }
}

/** Whether a module is the script that was started, rather than imported by another one. */
export const isStarted = (moduleUrl) => process.argv[1] === fileURLToPath(moduleUrl);

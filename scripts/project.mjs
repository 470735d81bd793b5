// What the scripts need to know about the project: where its parts are, and which versions it pins. It
// only imports Node's own modules, since it runs before anything is installed.

import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { messageOf } from "./stop.mjs";

export { Stop } from "./stop.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const inProject = (...parts) => join(root, ...parts);

/** Whether this is an installed package: it has the built Worker, and no source to build it from. */
export const isPackaged = !existsSync(inProject("Cargo.toml"));

// Where the user's own files are: settings, local data, the configuration of a deployment.
const userFolder = isPackaged ? process.cwd() : root;
export const inUserFolder = (...parts) => join(userFolder, ...parts);

// Everything that the setup installs outside of node_modules. Git ignores it.
export const tools = inProject(".tools");

// The project's own Rust, on a build service that has none; see rustup.mjs.
export const rust = join(tools, "rust");

// The project's own Python environment, for the test suite's packages from PyPI.
export const python = join(tools, "python");

// The tools that Cargo installs, each with the library in Cargo.lock that must have the same version.
export const cargoTools = [
  {
    crate: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    library: "wasm-bindgen",
    version: "0.2.129",
  },
  { crate: "worker-build", binary: "worker-build", library: "worker", version: "0.8.7" },
];

/**
 * The tools that only the tests and a release need. `level` is the opt-level; they are fast at any.
 * `subcommand` is what stands before their arguments.
 */
export const cargoToolsForTests = [
  { crate: "cargo-deny", binary: "cargo-deny", version: "0.20.2", level: "0" },
  {
    crate: "cargo-cyclonedx",
    binary: "cargo-cyclonedx",
    subcommand: ["cyclonedx"],
    version: "0.5.9",
    level: "0",
  },
];

export const cargoTool = (binary) => join(tools, "bin", binary);

/** The toolchain that rust-toolchain.toml pins. */
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

/** The version of a crate in Cargo.lock; undefined if the crate is not used. */
export function lockedCrate(name) {
  const text = readFileSync(inProject("Cargo.lock"), "utf8");
  return text.match(new RegExp(`name = "${name}"\\nversion = "([^"]+)"`))?.[1];
}

/**
 * The environment of every command. It selects the pinned toolchain, even if the developer has set an
 * override.
 */
export function projectEnvironment(extra = {}) {
  if (isPackaged) return { ...process.env, ...extra };
  const toolchain = { RUSTUP_TOOLCHAIN: pinnedToolchain().channel };
  return { ...process.env, ...ownRust(), ...toolchain, ...extra };
}

function ownRust() {
  const cargo = join(rust, "cargo");
  if (!existsSync(join(cargo, "bin", "rustup"))) return {};
  const PATH = [join(cargo, "bin"), process.env.PATH].join(delimiter);
  return { PATH, CARGO_HOME: cargo, RUSTUP_HOME: join(rust, "rustup") };
}

/**
 * Runs a script's main function under a Node that is new enough. If it fails, prints what is wrong and
 * what to do, and exits with the code that `failure` returns.
 */
export async function main(run, failure = () => 1) {
  const fail = (error) => {
    // The reader of the output, such as `head`, has seen enough.
    if (error?.code !== "EPIPE") console.error(`\n${messageOf(error)}`);
    process.exit(failure());
  };
  process.on("uncaughtException", fail);
  try {
    // Not at the top: it imports this file.
    const { continueUnderNewer, isNewEnough } = await import("./node.mjs");
    if (!isNewEnough()) await continueUnderNewer();
    await run();
  } catch (error) {
    fail(error);
  }
}

/** Whether a module was started as a script, and not imported by another one. */
export const isStarted = (moduleUrl) => process.argv[1] === fileURLToPath(moduleUrl);

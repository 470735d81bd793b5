// The setup: installs everything that is needed to build and test a clone. Every other script calls it
// first. It only installs what is missing, so it takes well under a second if nothing is. It writes
// nothing to the home folder, except that rustup keeps the Rust toolchain there. On a build service
// without Rust it also installs Rust, into .tools.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capture, run } from "./command.mjs";
import { installLocked, installPackages } from "./packages.mjs";
import { checkPrerequisites, hasRustup } from "./prerequisites.mjs";
import { cargoTool, cargoTools, cargoToolsForTests, inProject, isStarted } from "./project.mjs";
import { main, pinnedToolchain, projectEnvironment, python } from "./project.mjs";
import { Stop, tools } from "./project.mjs";
import { installRustup, isBuildService } from "./rustup.mjs";

export async function setUp({ forTests = false } = {}) {
  if (isBuildService() && !hasRustup()) await installRustup();
  checkPrerequisites({ forTests });
  await installPackages();
  await installToolchain();
  await installCargoTools(forTests ? [...cargoTools, ...cargoToolsForTests] : cargoTools);
  if (!forTests) return;
  await installPythonPackages();
  await installTypeScriptPackages();
}

// A virtual environment of the project, so that the system's Python is not changed.
async function installPythonPackages() {
  const requirements = inProject("scripts", "requirements.txt");
  const stamp = join(python, ".installed-from");
  const wanted = createHash("sha256").update(readFileSync(requirements)).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Installing the Python packages of scripts/requirements.txt …");
  await run("python3", ["-m", "venv", "--clear", python], { what: "making a Python environment" });
  const quietly = ["--quiet", "--disable-pip-version-check", "--require-virtualenv"];
  await run(join(python, "bin", "python"), [
    ...["-m", "pip", "install", ...quietly, "--requirement", requirements],
  ]);
  writeFileSync(stamp, wanted);
}

// Separate packages, because openapi-typescript needs an older TypeScript than the project uses.
const typescriptTools = join(tools, "clients");

/** The packages that generate TypeScript types from the API, with the TypeScript that they need. */
export const typescriptPackages = join(typescriptTools, "node_modules");

const installTypeScriptPackages = () =>
  installLocked({
    from: inProject("scripts", "clients"),
    to: typescriptTools,
    what: "the npm packages of scripts/clients",
  });

async function installToolchain() {
  const { channel, profile, components, targets } = pinnedToolchain();
  const listed = capture("rustup", ["component", "list", "--installed", "--toolchain", channel]);
  const installed = listed.output.split("\n");
  const complete =
    listed.ok &&
    components.every((name) => installed.some((line) => line.startsWith(name))) &&
    targets.every((name) => installed.includes(`rust-std-${name}`));
  if (complete) return;
  console.log(`Installing the Rust toolchain ${channel} …`);
  const list = (flag, names) => (names.length > 0 ? [flag, names.join(",")] : []);
  await run("rustup", [
    ...["toolchain", "install", channel, "--profile", profile, "--no-self-update"],
    ...list("--component", components),
    ...list("--target", targets),
  ]);
}

// It is not worth optimizing a tool for minutes that runs for a second.
const fastBuild = (level) => ({
  CARGO_PROFILE_RELEASE_OPT_LEVEL: level,
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "false",
});

/** Installs the tools that are missing in `.tools`, or have another version there. */
export async function installCargoTools(wanted) {
  const missing = wanted.filter((tool) => installedVersion(tool) !== tool.version);
  if (missing.length === 0) return;
  // They share a target folder, so that common dependencies are compiled once.
  const target = join(tools, "target");
  for (const { crate, version, level = "1" } of missing) {
    console.log(`Installing ${crate} ${version} into .tools (a minute or two, once) …`);
    // Quiet, since it warns about what is intended, such as using another toolchain than the default one.
    const exactly = ["--version", version, "--locked", "--force", "--quiet"];
    await run("cargo", ["install", crate, ...exactly, "--root", tools], {
      env: projectEnvironment({ ...fastBuild(level), CARGO_TARGET_DIR: target }),
      what: `installing ${crate}`,
    });
  }
  rmSync(target, { recursive: true, force: true });
  for (const tool of missing) {
    const { crate, binary, version } = tool;
    if (installedVersion(tool) !== version) {
      throw new Stop(
        `${crate} ${version} was installed, but ${binary} in .tools/bin says otherwise.`,
      );
    }
  }
}

function installedVersion({ binary, subcommand = [] }) {
  const path = cargoTool(binary);
  if (!existsSync(path)) return undefined;
  return capture(path, [...subcommand, "--version"]).output.match(/\d+\.\d+\.\d+/)?.[0];
}

if (isStarted(import.meta.url)) await main(() => setUp({ forTests: true }));

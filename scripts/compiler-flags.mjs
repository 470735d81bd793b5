// The compiler's flags for a Worker: they replace the paths of this machine, which the compiler writes
// into panics, by fixed ones. So the same source gives the same bytes in every folder, for every user, and
// the Worker reveals nothing about the machine that built it. Cargo's own setting for this, `trim-paths`,
// is not stable.

import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { capture, run } from "./command.mjs";
import { projectEnvironment, root } from "./project.mjs";

// By which Cargo separates the flags in CARGO_ENCODED_RUSTFLAGS.
const SEPARATOR = "\x1f";

/** The environment variables with which Cargo passes the flags. RUSTFLAGS of the caller come last. */
export async function compilerFlags() {
  const environment = projectEnvironment();
  const own = environment.RUSTFLAGS?.split(" ").filter(Boolean) ?? [];
  const paths = [...(await cratePaths(environment)), ...standardLibrary(), [root, "."]];
  const flags = paths.flatMap(([from, to]) => ["--remap-path-prefix", `${from}=${to}`]);
  return { CARGO_ENCODED_RUSTFLAGS: [...flags, ...own].join(SEPARATOR) };
}

/** The folders into which Cargo unpacks crates. Their names depend on the registry, so each is named. */
async function cratePaths({ CARGO_HOME = join(homedir(), ".cargo") }) {
  const folder = join(CARGO_HOME, "registry", "src");
  if (!existsSync(folder)) await run("cargo", ["fetch", "--locked"]);
  return readdirSync(folder).map((name) => [join(folder, name), "/crates"]);
}

// Where the source of the standard library is installed, the compiler names that instead of the path that
// the library was built with.
function standardLibrary() {
  const [, commit] = capture("rustc", ["-vV"]).output.match(/^commit-hash: (\w+)$/m);
  const sysroot = capture("rustc", ["--print", "sysroot"]).output;
  return [[join(sysroot, "lib", "rustlib", "src", "rust"), `/rustc/${commit}`]];
}

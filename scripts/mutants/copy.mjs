// The copy of the project in which mutants are planted, so that the project itself stays as it is.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "../command.mjs";
import { inProject, Stop } from "../project.mjs";

const COPIED_ANEW = ["src", "tests", "simulation"];

/** Copies what git knows, as it is now; of the library only what host tests need is built there. */
export function copyProject(tree) {
  // What was built the last time stays.
  for (const part of COPIED_ANEW) rmSync(join(tree, part), { recursive: true, force: true });
  const { output } = capture("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
  for (const file of output.split("\n").filter((name) => existsSync(inProject(name)))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(inProject(file), join(tree, file));
  }
  const manifest = join(tree, "Cargo.toml");
  const text = readFileSync(manifest, "utf8");
  const forHost = text.replace('crate-type = ["cdylib", "rlib"]', 'crate-type = ["rlib"]');
  if (forHost === text) throw new Stop("Cargo.toml no longer says what this script replaces.");
  writeFileSync(manifest, forHost);
}

// Makes a copy of the project for the mutants, so that the project itself is not changed.

import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture } from "../command.mjs";
import { inProject, Stop } from "../project.mjs";

const REPLACED = ["src", "tests", "simulation"];

/**
 * Copies the files that git does not ignore. The copy only builds what host tests need of the library.
 */
export function copyProject(tree) {
  // Keeps the build of the last run.
  for (const part of REPLACED) rmSync(join(tree, part), { recursive: true, force: true });
  const { output } = capture("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
  for (const file of output.split("\n").filter((name) => existsSync(inProject(name)))) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    cpSync(inProject(file), join(tree, file));
  }
  const manifest = join(tree, "Cargo.toml");
  const text = readFileSync(manifest, "utf8");
  const forHost = text.replace('crate-type = ["cdylib", "rlib"]', 'crate-type = ["rlib"]');
  if (forHost === text)
    throw new Stop("Cargo.toml no longer has the line that this script replaces.");
  writeFileSync(manifest, forHost);
}

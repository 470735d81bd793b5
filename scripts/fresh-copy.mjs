// A second copy of the source, in a folder of its own, in which the Worker is built again: to see whether
// the same source gives the same bytes.

import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { capture, run } from "./command.mjs";
import { Stop } from "./project.mjs";

// What the source would compile again, which takes minutes, at the versions that it pins.
const INSTALLED = [join(".tools", "bin"), join(".tools", "rust")];

/** Copies the source in the folder `from`, as git knows it, and calls `act` with the copy's folder. */
export async function inFreshCopy(from, act) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-copy-"));
  try {
    for (const file of sourceFiles(from)) copy(file, from, folder);
    for (const part of INSTALLED) if (existsSync(join(from, part))) link(part, from, folder);
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The files of a source that git would keep, changed or not. */
function sourceFiles(folder) {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { ok, output } = capture("git", ["-C", folder, ...list]);
  const files = output.split("\0").filter((file) => file && existsSync(join(folder, file)));
  if (!ok || !files.includes("Cargo.toml"))
    throw new Stop(`${folder} is not a clone of kombo-edge. Name one with --source.`);
  return files;
}

function copy(file, from, to) {
  mkdirSync(dirname(join(to, file)), { recursive: true });
  cpSync(join(from, file), join(to, file), { verbatimSymlinks: true });
}

function link(part, from, to) {
  mkdirSync(dirname(join(to, part)), { recursive: true });
  symlinkSync(join(from, part), join(to, part));
}

/** Builds a Worker of the source in a folder, with these arguments of `npm run build`. */
export const buildIn = (folder, args, env = {}) =>
  run(process.execPath, [join(folder, "scripts", "build.mjs"), ...args], {
    // Flags of the caller would give other bytes.
    env: { ...process.env, RUSTFLAGS: "", ...env },
    what: "building the source again",
  });

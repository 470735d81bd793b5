// `node scripts/reproduce.mjs`: builds the Worker a second time, in another folder and with another folder
// of Cargo's, as another user would, and fails unless every byte is the same as in build/. Another
// operating system or processor is not part of it.

import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { isStarted, main, projectEnvironment, root, Stop } from "./project.mjs";
import { differences, WORKER } from "./verify.mjs";

// What Cargo would download again.
const DOWNLOADED = ["index", "cache"];

/** Builds the Worker again. Rejects with a Stop if it differs from the one in build/. */
export async function reproduce() {
  const { CARGO_HOME = join(homedir(), ".cargo") } = projectEnvironment();
  const other = mkdtempSync(join(tmpdir(), "kombo-edge-cargo-"));
  try {
    for (const part of DOWNLOADED) copyRegistry(part, CARGO_HOME, other);
    const differing = await differences(root, root, [WORKER], { CARGO_HOME: other });
    if (differing.length > 0)
      throw new Stop(`A second build differs from the first one: ${differing.join(", ")}.`);
  } finally {
    rmSync(other, { recursive: true, force: true });
  }
}

function copyRegistry(part, from, to) {
  const folder = join(from, "registry", part);
  if (existsSync(folder)) cpSync(folder, join(to, "registry", part), { recursive: true });
}

if (isStarted(import.meta.url)) await main(reproduce);

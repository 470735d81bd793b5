// Where `wrangler dev` looks for the Workers that run on this machine: a folder in which each leaves a
// file. wrangler tells nobody which one it is, and miniflare by itself takes another. A test compares them.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const CONFIGURATION = process.platform === "darwin" ? ["Library", "Preferences"] : [".config"];

/** wrangler's own folder: the one in the home folder only where an early version made it. */
function wranglerFolder() {
  const early = join(homedir(), ".wrangler");
  if (existsSync(early)) return early;
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), ...CONFIGURATION), ".wrangler");
}

export const registryFolder = () =>
  process.env.WRANGLER_REGISTRY_PATH ?? join(wranglerFolder(), "registry");

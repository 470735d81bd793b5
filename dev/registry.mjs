// The folder in which `wrangler dev` looks for the Workers that run on this machine; each has a file
// there. wrangler does not export its path, and miniflare's default is a different one. A test compares
// them.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const CONFIGURATION = process.platform === "darwin" ? ["Library", "Preferences"] : [".config"];

/** wrangler's own folder. It is directly in the home folder only if an early version created it. */
function wranglerFolder() {
  const legacy = join(homedir(), ".wrangler");
  if (existsSync(legacy)) return legacy;
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), ...CONFIGURATION), ".wrangler");
}

export const registryFolder = () =>
  process.env.WRANGLER_REGISTRY_PATH ?? join(wranglerFolder(), "registry");

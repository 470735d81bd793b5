// Installs the npm packages of a lock file. It only imports Node's own modules, since it runs before
// anything is installed.

import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { isPackaged, root } from "./project.mjs";

const LOCK = "package-lock.json";

/**
 * Installs the packages of the lock file in the folder `from`, unless they are already installed; into
 * the same folder, or into `to`. `what` names them in the output.
 */
export async function installLocked({ from, to = from, what }) {
  // In node_modules, so that it is deleted with that folder.
  const stamp = join(to, "node_modules", ".installed-from");
  const wanted = createHash("sha256")
    .update(readFileSync(join(from, LOCK)))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log(`Installing ${what} …`);
  if (to !== from) {
    mkdirSync(to, { recursive: true });
    for (const file of ["package.json", LOCK]) copyFileSync(join(from, file), join(to, file));
    copyFileSync(join(root, ".npmrc"), join(to, ".npmrc"));
  }
  await run("npm", ["ci", "--prefix", to], { what: "npm ci" });
  writeFileSync(stamp, wanted);
}

/** Installs the packages of the project itself. With an installed package, npm has done so. */
export async function installPackages() {
  if (!isPackaged)
    await installLocked({ from: root, what: "the npm packages of package-lock.json" });
}

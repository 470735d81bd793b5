// The page of the console: built from dev/console/page in the repository, and read from dev/console/built
// in an installed package.

import { readFileSync } from "node:fs";
import { called } from "../../scripts/called.mjs";
import { inProject, isPackaged } from "../../scripts/project.mjs";

/** Where an installed package has the built page. */
export const BUILT = ["dev", "console", "built"];

/** The files by the paths that serve them, each with its type. */
const FILES = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/main.js": { file: "main.js", type: "text/javascript; charset=utf-8" },
  "/main.css": { file: "main.css", type: "text/css; charset=utf-8" },
};

/** The files of the page: `{ type, bytes }` by path. */
export async function pageFiles() {
  const read = isPackaged ? readBuilt : await built();
  return Object.fromEntries(
    Object.entries(FILES).map(([path, { file, type }]) => [path, { type, bytes: read(file) }]),
  );
}

const readBuilt = (file) => readFileSync(inProject(...BUILT, file));

async function built() {
  const { buildPage } = await import("./page-build.mjs");
  const files = await buildPage(called("start"));
  return (file) => files[file];
}

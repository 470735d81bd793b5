// `npm run verify`: shows that a package's Workers are what the source says. It builds the source again, in
// a folder of its own, and compares the SHA-256 of each file with the one in the package.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { badArgument } from "./arguments.mjs";
import { readBytes } from "./files.mjs";
import { buildIn, inFreshCopy } from "./fresh-copy.mjs";
import { isPackaged, root, Stop } from "./project.mjs";

const STAGED = join("target", "packages", "kombo-edge");

export const command = {
  name: "verify",
  about: `Builds the Workers from source again, and compares their SHA-256 with those in a package. It takes a few minutes, and needs what the build needs: git, rustup, and a C compiler.`,
  options: {
    source: {
      value: "folder",
      about: `a clone of the repository, at the commit of the package${isPackaged ? "" : "; default: this one"}`,
    },
    package: {
      value: "folder",
      about: `where the package is installed; default: ${isPackaged ? "this one" : STAGED}`,
    },
  },
  run,
};

/** The Worker that is deployed, with how the source builds it. */
export const WORKER = { directory: "build", args: [] };
const DEVELOPMENT_WORKER = { directory: "build-development", args: ["--development"] };
const FILES = ["index.js", "index_bg.wasm"];

async function run({ values }) {
  const source = values.source ?? (isPackaged ? undefined : root);
  if (source === undefined) throw badArgument(command, "--source is missing.");
  const folder = values.package ?? (isPackaged ? root : join(root, STAGED));
  if (!existsSync(join(folder, "build")))
    throw badArgument(command, `--package: ${folder} has no Worker in build/.`);
  const differing = await differences(resolve(source), resolve(folder), [
    WORKER,
    DEVELOPMENT_WORKER,
  ]);
  if (differing.length > 0)
    throw new Stop(`The package is not built from this source: ${differing.join(", ")} differ.`);
  console.log("The package is built from this source: every file is the same.");
}

/**
 * The files of a package that differ from what the source gives. `env` has variables for the build, such
 * as another CARGO_HOME.
 */
export const differences = (source, folder, workers, env) =>
  inFreshCopy(source, async (copy) => {
    const differing = [];
    for (const { directory, args } of workers) {
      await buildIn(copy, args, env);
      differing.push(...differingFiles(directory, folder, copy));
    }
    return differing;
  });

/** The files of the Worker in a directory that differ between a package and a build of the source. */
export const differingFiles = (directory, packaged, built) =>
  FILES.map((name) => join(directory, name)).filter((file) => {
    const [theirs, ours] = [packaged, built].map((folder) => sha256(join(folder, file)));
    console.log(`${theirs}  ${file}, in the package\n${ours}  ${file}, built from source`);
    return theirs !== ours;
  });

const sha256 = (path) => createHash("sha256").update(readBytes(path)).digest("hex");

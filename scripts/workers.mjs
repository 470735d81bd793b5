// The built Workers that the commands need. In the repository they are built first; an installed package
// has them.

import { inProject, isPackaged } from "./project.mjs";

/** The folder of the Worker for this machine, which is built if it is not up to date. */
export async function developmentWorkerFolder() {
  const directory = "build-development";
  if (!isPackaged) {
    await prepareToBuild();
    const { build, developmentWorker } = await import("./build.mjs");
    await build(developmentWorker);
  }
  return inProject(directory);
}

/** Installs what building the Worker needs. wrangler then builds it, as its configuration says. */
export async function prepareToBuild() {
  if (isPackaged) return;
  const { setUp } = await import("./setup.mjs");
  await setUp();
}

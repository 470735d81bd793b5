// `npm run package`: makes the npm packages as tarballs in target/packages: `kombo-edge`, and those in the
// folders of packages/ that have a package.json. Publishes nothing.

import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  rmSync,
  existsSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { argumentsOf } from "./arguments.mjs";
import { build, developmentWorker, worker } from "./build.mjs";
import { capture } from "./command.mjs";
import { inProject, isStarted, main, root, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

const command = {
  name: "package",
  about: "Makes the npm packages as tarballs in target/packages. Publishes nothing.",
};

const LICENSES = ["LICENSE-APACHE", "LICENSE-MIT"];
export const PACKAGES = ["target", "packages"];

/** Makes the tarballs, and returns their paths. The setup must have run before. */
export async function pack() {
  await build(worker);
  await build(developmentWorker);
  const folder = inProject(...PACKAGES);
  rmSync(folder, { recursive: true, force: true });
  const staged = await stage(join(folder, "kombo-edge"));
  const others = readdirSync(inProject("packages"))
    .filter((name) => existsSync(inProject("packages", name, "package.json")))
    .map((name) => copied(name, folder));
  return [staged, ...others].map((from) => tarball(from, folder));
}

/** Copies a package of packages/ and the licenses into a folder. */
function copied(name, to) {
  const folder = join(to, name);
  cpSync(inProject("packages", name), folder, { recursive: true });
  for (const file of LICENSES) copyFileSync(inProject(file), join(folder, file));
  for (const file of readdirSync(folder)) chmodSync(join(folder, file), 0o644);
  return folder;
}

/** Writes the files of the package `kombo-edge` into a folder. */
async function stage(folder) {
  // Not at the top: in a fresh clone what it imports is not installed yet.
  const { contents } = await import("./package/contents.mjs");
  for (const { path, bytes, isProgram } of await contents()) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    // Whatever the user's umask is: it becomes part of the tarball.
    chmodSync(file, isProgram ? 0o755 : 0o644);
  }
  return folder;
}

/** Packs a folder, and returns the path of the tarball. npm sets the times in it to a fixed one. */
function tarball(from, to) {
  const { ok, output } = capture("npm", ["pack", from, "--json", "--pack-destination", to]);
  if (!ok) throw new Stop(`npm could not pack ${relative(root, from)}:\n${output}`);
  const [{ filename, size, unpackedSize, entryCount }] = packed(output);
  const kb = (bytes) => `${Math.ceil(bytes / 1000)} kB`;
  console.log(
    `${filename}: ${kb(size)}, ${entryCount} files, ${kb(unpackedSize)} when it is installed`,
  );
  return join(to, filename);
}

/** What npm says about the packages, as a list. npm 11 and older print one, later ones an object. */
function packed(output) {
  const said = JSON.parse(output.slice(output.search(/^[[{]/m)));
  return Array.isArray(said) ? said : Object.values(said);
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    await argumentsOf(command);
    await setUp();
    for (const path of await pack()) console.log(relative(root, path));
  });
}

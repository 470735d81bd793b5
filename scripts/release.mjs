// `npm run release`: makes everything that a release consists of, in target/release-files: the tarballs, the
// Worker, the lists of components, and the checksums of all of them. It publishes nothing: that is the last
// step of .github/workflows/release.yml.

import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { argumentsOf } from "./arguments.mjs";
import { worker } from "./build.mjs";
import { pack } from "./package.mjs";
import { inProject, isStarted, main, root, Stop } from "./project.mjs";
import { crates, packages } from "./release/components.mjs";
import { facts, notes, obstacles } from "./release/obstacles.mjs";
import { setUp } from "./setup.mjs";

const command = {
  name: "release",
  about: "Makes the files of a release in target/release-files. Publishes nothing.",
  options: {
    tag: {
      value: "tag",
      about: "the tag of the release, such as v0.1.0; it stops if the release is not ready",
    },
  },
};

export const FILES = ["target", "release-files"];
const NOTES = ["target", "release-notes.md"];

/** Makes the files. Rejects with a Stop if the tag must not be released. */
export async function release(tag) {
  const known = facts();
  const found = obstacles(tag ?? `v${known.version}`, known);
  if (tag !== undefined && found.length > 0)
    throw new Stop(`${tag} can't be released:\n${found.join("\n")}`);
  for (const line of found) console.log(`Before a release: ${line}`);

  const folder = inProject(...FILES);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const built = ["index.js", "index_bg.wasm"].map((name) => inProject(worker.directory, name));
  for (const path of [...(await pack()), ...built])
    copyFileSync(path, join(folder, basename(path)));
  writeFileSync(join(folder, `kombo-edge-${known.version}-crates.cdx.json`), await crates());
  writeFileSync(join(folder, `kombo-edge-${known.version}-npm.cdx.json`), packages());
  writeFileSync(join(folder, "SHA256SUMS"), checksums(folder));
  writeFileSync(inProject(...NOTES), `${notes(known.version, known.changelog)}\n`);
  for (const name of readdirSync(folder)) console.log(relative(root, join(folder, name)));
}

/** The checksums of the files in a folder, as `sha256sum --check` reads them. */
function checksums(folder) {
  const line = (name) => {
    const sum = createHash("sha256").update(readFileSync(join(folder, name)));
    return `${sum.digest("hex")}  ${name}\n`;
  };
  return readdirSync(folder).sort().map(line).join("");
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    const { values } = await argumentsOf(command);
    await setUp({ forTests: true });
    await release(values.tag);
  });
}

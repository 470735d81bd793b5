// What the package `kombo-edge` holds: the program and the double with every module that they import, the
// built Workers, the built page of the console, the contract and the documents. Each file is where it is in
// the repository.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { buildPage } from "../../dev/console/page-build.mjs";
import { BUILT } from "../../dev/console/page.mjs";
import { developmentWorker, worker } from "../build.mjs";
import { inProject, root, Stop } from "../project.mjs";

export const manifest = JSON.parse(readFileSync(inProject("package.json"), "utf8"));

/** The modules that only work in the repository, where there is source to build. */
const OF_THE_REPOSITORY = /\/(scripts\/(setup|build)|dev\/console\/page-build)\.mjs$/;

/** What the modules read when they run, and what is read by people. */
const OTHERS = [
  ...["wrangler.toml", "src/contracts/slack/tools.txt", "tests/fixtures/kombo-events.json"],
  ...["dev/shifted-clock.mjs", "contract", "template", "llms.txt"],
  ...["CHANGELOG.md", "SECURITY.md", "LICENSE-APACHE", "LICENSE-MIT"],
];

const targets = Object.values(manifest.exports).flatMap((target) =>
  typeof target === "string" ? target : Object.values(target),
);

/** The files of the package: `{ path, bytes, isProgram }`, in order. The Workers must be built. */
export async function contents() {
  const modules = await imported([...Object.values(manifest.bin), ...targets.filter(isModule)]);
  const folders = [worker, developmentWorker].map(({ directory }) => directory);
  const paths = [
    ...modules.files,
    ...[...OTHERS, ...targets, ...folders, ...documents()].flatMap(filesIn),
  ];
  const all = [
    ...[...new Set(paths)].map((path) => ({ path, bytes: readFileSync(inProject(path)) })),
    ...(await page()),
    { path: "README.md", bytes: readFileSync(inProject("packages", "kombo-edge", "README.md")) },
    { path: "package.json", bytes: Buffer.from(published(modules.packages)) },
  ];
  const programs = Object.values(manifest.bin);
  return all
    .map((file) => ({ ...file, isProgram: programs.includes(file.path) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

const isModule = (path) => path.endsWith(".mjs");

/** The modules that these import, and the packages, by following every import. */
async function imported(entries) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map((path) => inProject(path)),
    outdir: "/",
    write: false,
    metafile: true,
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    plugins: [leftOut],
  });
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const packages = imports
    .filter(({ path, external }) => external && !path.startsWith("node:") && !path.startsWith("."))
    .map(({ path }) => path.match(/^(@[^/]+\/)?[^/]+/)[0]);
  return { files: Object.keys(metafile.inputs), packages: new Set(packages) };
}

const leftOut = {
  name: "modules of the repository",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) =>
      OF_THE_REPOSITORY.test(join(resolveDir, path)) ? { path, external: true } : undefined,
    ),
};

/** package.json as it is published, without what is for developers of this project. */
function published(packages) {
  const { name, version, description, license, type, engines, bin, exports, dependencies } =
    manifest;
  // wrangler is started, not imported.
  const used = new Set([...packages, "wrangler"]);
  const wrong = [...used, ...Object.keys(dependencies)].filter(
    (one) => !used.has(one) || !Object.hasOwn(dependencies, one),
  );
  if (wrong.length > 0)
    throw new Stop(`"dependencies" in package.json and what is imported differ: ${wrong}.`);
  const kept = { name, version, description, license, type, engines, bin, exports, dependencies };
  return `${JSON.stringify(kept, null, 2)}\n`;
}

async function page() {
  const files = await buildPage(`npx ${manifest.name} start`);
  return Object.entries(files).map(([file, bytes]) => ({
    path: [...BUILT, file].join("/"),
    bytes: Buffer.from(bytes),
  }));
}

const documents = () =>
  readdirSync(inProject("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));

/** A file, or all files in a folder, by their paths in the project. */
function filesIn(path) {
  const from = inProject(path);
  if (!existsSync(from)) return [];
  if (!statSync(from).isDirectory()) return [relative(root, from)];
  return readdirSync(from).flatMap((name) => filesIn(join(path, name)));
}

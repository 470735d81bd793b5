// Builds the Worker: build/index.js and build/index_bg.wasm. `worker-build` makes a module and its
// JavaScript, wasm-opt strips the names of functions, and esbuild adds src/cloudflare/entry.js. The same
// source gives the same bytes, wherever it is built. A build is skipped if its inputs have not changed
// since the last one.
//
// The build for `wrangler dev` logs the messages of panics. `--development` makes the same build in
// build-development/, and `--forced-panics` makes one in build-panics/ in which the tests can cause a
// panic. Neither is ever deployed.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { argumentsOf } from "./arguments.mjs";
import { run } from "./command.mjs";
import { compilerFlags } from "./compiler-flags.mjs";
import { fingerprintOfInputs, isUpToDate, markBuilt } from "./fingerprint.mjs";
import { cargoTool, cargoTools, inProject, isStarted, lockedCrate, main } from "./project.mjs";
import { projectEnvironment, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

export const worker = { directory: "build", features: [] };
export const developmentWorker = { directory: "build-development", features: ["development"] };
export const workerWithForcedPanics = { directory: "build-panics", features: ["forced-panics"] };

const ENTRY = "index.js";
const MODULE = "index_bg.wasm";
const OUTPUTS = [ENTRY, MODULE];

// A third of the platform's limit on the Free plan, so that growth is noticed early.
const MAX_GZIPPED_KIB = 1024;

/** The Worker with another `opt-level` than the one in Cargo.toml, for the benchmark. */
export const workerAtLevel = (optLevel) => ({
  directory: `build-${optLevel}`,
  features: [],
  variables: { CARGO_PROFILE_RELEASE_OPT_LEVEL: optLevel },
});

/** Builds one of the Workers. The setup must have run before. */
export async function build(wanted) {
  const { directory } = wanted;
  const outputs = OUTPUTS.map((file) => inProject(directory, file));
  const inputs = fingerprintOfInputs(wanted);
  if (isUpToDate(directory, inputs, outputs)) {
    console.log(`${directory}/ is up to date.`);
  } else {
    checkToolVersions();
    mkdirSync(inProject(directory), { recursive: true });
    await runWorkerBuild(wanted);
    await stripNames(directory);
    await bundle(directory);
    markBuilt(directory, inputs, outputs);
  }
  checkSize(directory, outputs);
}

/** A file that worker-build wrote. */
const built = (directory, ...file) => inProject("target", "worker-build", directory, ...file);

const { resolve } = createRequire(import.meta.url);
const wasmOpt = () => resolve("binaryen/bin/wasm-opt");

async function runWorkerBuild({ directory, features, variables }) {
  const out = ["--out-dir", `target/worker-build/${directory}`];
  const cargo = ["--locked", ...features.flatMap((name) => ["--features", name])];
  const esbuild = `@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
  await run(cargoTool("worker-build"), ["--release", ...out, ...cargo], {
    env: projectEnvironment({
      ...variables,
      ...(await compilerFlags()),
      // Otherwise it would download them. For a wrong path it would only print a warning.
      WASM_BINDGEN_BIN: existing(cargoTool("wasm-bindgen")),
      WASM_OPT_BIN: existing(wasmOpt()),
      ESBUILD_BIN: existing(resolve(esbuild)),
    }),
    what: `building ${directory}/`,
  });
}

function existing(path) {
  if (!existsSync(path)) throw new Stop(`${path} is missing: run "node scripts/setup.mjs".`);
  return path;
}

// worker-build keeps the names of functions, a third of the module. They are not needed: the log shows
// where in the source a panic happened.
async function stripNames(directory) {
  const paths = [built(directory, MODULE), "-o", inProject(directory, MODULE)];
  // The same features as in worker-build.
  const features = ["--detect-features", "--enable-exception-handling"];
  await run(wasmOpt(), [...paths, ...features, "--strip-debug"]);
}

async function bundle(directory) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [inProject("src", "cloudflare", "entry.js")],
    outfile: inProject(directory, ENTRY),
    alias: { "worker-build": built(directory, ENTRY) },
    bundle: true,
    format: "esm",
    target: "es2024",
    minify: true,
    external: ["cloudflare:*", `./${MODULE}`],
    logLevel: "warning",
  });
}

function checkToolVersions() {
  if (!existsSync(inProject("Cargo.lock"))) {
    throw new Stop("Cargo.lock is missing. It belongs in git; `cargo update` creates a new one.");
  }
  for (const { crate, library, version } of cargoTools) {
    const locked = lockedCrate(library);
    if (locked !== version)
      throw new Stop(
        `Cargo.lock has ${library} ${locked ?? "(none)"}, but ${crate} is ${version}.\n` +
          "Both must be the same: pin the crate in Cargo.toml, or change cargoTools in scripts/project.mjs.",
      );
  }
}

function checkSize(directory, outputs) {
  const contents = outputs.map((file) => readFileSync(file));
  const raw = contents.reduce((sum, bytes) => sum + bytes.length, 0);
  const gzipped = contents.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  console.log(
    `${directory}/: ${kib(raw)} KiB, ${kib(gzipped)} KiB gzipped (limit ${MAX_GZIPPED_KIB}).`,
  );
  if (gzipped > MAX_GZIPPED_KIB * 1024) {
    throw new Stop(`The Worker in ${directory}/ is larger than ${MAX_GZIPPED_KIB} KiB gzipped.`);
  }
}

/** The Worker that this command should build. Wrangler sets WRANGLER_COMMAND to its own command. */
export function wantedBy(values, { WRANGLER_COMMAND: forCommand } = process.env) {
  if (values["forced-panics"]) return workerWithForcedPanics;
  if (values.development) return developmentWorker;
  return forCommand === "dev" ? { ...developmentWorker, directory: worker.directory } : worker;
}

const command = {
  name: "build",
  about: "Builds the Worker into build/.",
  options: {
    development: { about: "a Worker that shows the messages of panics, in a folder of its own" },
    "forced-panics": { about: "a Worker that panics when a test asks for it, likewise" },
  },
};

if (isStarted(import.meta.url)) {
  await main(async () => {
    const { values } = await argumentsOf(command);
    await setUp();
    await build(wantedBy(values));
  });
}

// Builds the Worker: build/index.js and build/index_bg.wasm. A build whose inputs are those of the
// last one is skipped. `--forced-panics` builds a second Worker into build-panics/,
// in which the tests can cause a panic; it is never deployed.

import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { run } from "./command.mjs";
import { fingerprintOfInputs, isUpToDate, markBuilt } from "./fingerprint.mjs";
import { cargoTool, cargoTools, inProject, isStarted, lockedCrate, main } from "./project.mjs";
import { projectEnvironment, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

export const worker = { directory: "build", features: [] };
export const workerWithForcedPanics = { directory: "build-panics", features: ["forced-panics"] };

const TARGET = "wasm32-unknown-unknown";
const ENTRY = "index.js";
const MODULE = "index_bg.wasm";
const MODULE_FILES = [ENTRY, MODULE];

// Far below the platform's limit of 3 MB: growth should be noticed.
const LARGEST_GZIPPED_KIB = 225;

// What the runtime is known to take; left to itself, binaryen also uses encodings that it refuses.
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
];

const COMPILER_FLAGS = [
  // Nobody prints a value for developers in production, and what can't be printed can't leak.
  "-Zfmt-debug=none",
  "-Zlocation-detail=file,line",
  // What is longer than one number is moved by one instruction, not by a load and a store for each.
  "-Cllvm-args=-max-store-memcpy=1",
];

/** Builds one of the two Workers; the set-up has to have run. */
export async function build(wanted) {
  const { directory } = wanted;
  const outputs = MODULE_FILES.map((file) => inProject(directory, file));
  const inputs = fingerprintOfInputs();
  if (isUpToDate(directory, inputs, outputs)) {
    console.log(`${directory}/ is up to date.`);
  } else {
    checkWasmBindgenVersion();
    await compile(wanted);
    await bind(directory);
    await optimize(directory);
    await bundle(directory);
    markBuilt(directory, inputs, outputs);
  }
  checkSize(directory, outputs);
}

async function compile({ directory, features }) {
  console.log(`Compiling ${directory}/ …`);
  const chosen = features.flatMap((name) => ["--features", name]);
  const what = `compiling ${directory}/`;
  await run("cargo", ["build", "--lib", "--release", "--locked", "--target", TARGET, ...chosen], {
    env: compilerEnvironment(),
    what,
  });
}

/** What wasm-bindgen makes of the module, before it is bundled. */
const bound = (directory, ...file) => inProject("target", "bound", directory, ...file);

async function bind(directory) {
  const compiled = inProject("target", TARGET, "release", "kombo_edge.wasm");
  const options = ["--target", "module", "--no-typescript", "--out-name", "index"];
  // worker.js makes another instance of the module where one was lost.
  const reset = "--experimental-reset-state-function";
  const out = ["--out-dir", bound(directory)];
  await run(cargoTool("wasm-bindgen"), [compiled, ...options, reset, ...out]);
}

// A second round of optimizing takes another twentieth; a third one nothing. The names of functions
// would be a third of the module, and serve nobody: the log names a panic by its place in the source.
async function optimize(directory) {
  const features = WASM_FEATURES.map((name) => `--enable-${name}`);
  // A function that is called once stays one: merged, they have hundreds of locals, whose numbers are
  // longer and compress worse.
  const rounds = ["-Oz", "-Oz", "--one-caller-inline-max-function-size=1"];
  const passes = [...rounds, "--strip-debug", "--strip-producers"];
  mkdirSync(inProject(directory), { recursive: true });
  const [from, to] = [bound(directory, MODULE), inProject(directory, MODULE)];
  const wasmOpt = createRequire(import.meta.url).resolve("binaryen/bin/wasm-opt");
  await run(wasmOpt, [from, ...features, ...passes, "-o", to], { what: "optimizing the module" });
}

async function bundle(directory) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [inProject("src", "cloudflare", "worker.js")],
    outfile: inProject(directory, ENTRY),
    bundle: true,
    format: "esm",
    target: "es2024",
    minify: true,
    external: ["cloudflare:*", `./${MODULE}`],
    plugins: [moduleOf(directory)],
    logLevel: "warning",
    // wasm-bindgen names a snippet once for each function of it that is called.
    logOverride: { "duplicate-object-key": "silent" },
  });
}

/** Where the parts of the bundle are that only this build knows. */
const moduleOf = (directory) => ({
  name: "module",
  setup(esbuild) {
    esbuild.onResolve({ filter: /^kombo-edge$/ }, () => ({ path: bound(directory, ENTRY) }));
    // wasm-bindgen's copy of it would be another module.
    esbuild.onResolve({ filter: /\/platform\.js$/ }, () => ({
      path: inProject("src", "cloudflare", "platform.js"),
    }));
    // The runtime takes a module that is imported as one that was compiled, and knows no word for it.
    esbuild.onLoad({ filter: /\/bound\/[^/]+\/index\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace("import source ", "import "),
    }));
  },
});

function checkWasmBindgenVersion() {
  const { version } = cargoTools.find(({ binary }) => binary === "wasm-bindgen");
  if (!existsSync(inProject("Cargo.lock"))) {
    throw new Stop("There is no Cargo.lock. It belongs into git; `cargo update` makes a new one.");
  }
  const locked = lockedCrate("wasm-bindgen");
  if (locked === version) return;
  throw new Stop(
    `Cargo.lock has wasm-bindgen ${locked ?? "(none)"}, but its command line tool is ${version}.\n` +
      "Both have to be equal: pin the crate in Cargo.toml, or change cargoTools in scripts/project.mjs.",
  );
}

const compilerEnvironment = () =>
  projectEnvironment({
    RUSTFLAGS: [process.env.RUSTFLAGS ?? "", ...COMPILER_FLAGS].join(" "),
    // The standard library is compiled too, because it can then be small.
    CARGO_UNSTABLE_BUILD_STD: "std,panic_abort",
    CARGO_UNSTABLE_BUILD_STD_FEATURES: "optimize_for_size",
  });

function checkSize(directory, outputs) {
  const contents = outputs.map((file) => readFileSync(file));
  const raw = contents.reduce((sum, bytes) => sum + bytes.length, 0);
  const gzipped = contents.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0);
  const kib = (bytes) => (bytes / 1024).toFixed(1);
  console.log(
    `${directory}/: ${kib(raw)} KiB, ${kib(gzipped)} KiB gzipped (limit ${LARGEST_GZIPPED_KIB}).`,
  );
  if (gzipped > LARGEST_GZIPPED_KIB * 1024) {
    throw new Stop(
      `The Worker in ${directory}/ is larger than ${LARGEST_GZIPPED_KIB} KiB gzipped.`,
    );
  }
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    const { values } = parseArgs({ options: { "forced-panics": { type: "boolean" } } });
    await setUp();
    await build(values["forced-panics"] ? workerWithForcedPanics : worker);
  });
}

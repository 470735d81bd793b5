// Detects whether a build is up to date, by a hash of everything that it reads and writes, which is kept
// in .tools/. It uses hashes and not modification times, because git changes those with every checkout.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { inProject, root, tools } from "./project.mjs";

// Folders and files with the inputs of a Worker. Those that don't exist count as empty.
const INPUTS = [
  "src",
  "Cargo.toml",
  "Cargo.lock",
  "build.rs",
  ".cargo",
  "rust-toolchain.toml",
  "package-lock.json",
  "scripts/build.mjs",
  "scripts/compiler-flags.mjs",
  "scripts/project.mjs",
];

// Environment variables that change what the compiler does.
const VARIABLES = ["RUSTFLAGS"];

/**
 * The fingerprint of a build's inputs: the files, its Cargo features, and its own variables. Take it
 * before the build, since a file may change while it runs.
 */
export function fingerprintOfInputs({ features, variables = {} }) {
  const callers = VARIABLES.map((name) => [name, process.env[name] ?? ""]);
  const all = [...callers, ...Object.entries(variables), ["features", features]];
  return fingerprint(
    INPUTS.flatMap((input) => filesIn(inProject(input))),
    all.map(([name, value]) => `${name}=${value}`),
  );
}

export function isUpToDate(name, inputs, outputs) {
  if (!existsSync(record(name)) || !outputs.every((file) => existsSync(file))) return false;
  return readFileSync(record(name), "utf8") === `${inputs} ${fingerprint(outputs)}`;
}

export function markBuilt(name, inputs, outputs) {
  mkdirSync(tools, { recursive: true });
  writeFileSync(record(name), `${inputs} ${fingerprint(outputs)}`);
}

const record = (name) => join(tools, `built-${name}`);

function fingerprint(files, more = []) {
  const hash = createHash("sha256");
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`${relative(root, file)}\n${content.length}\n`).update(content);
  }
  for (const line of more) hash.update(`${line}\n`);
  return hash.digest("hex");
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path)
      .sort()
      .flatMap((name) => filesIn(join(path, name)));
  } catch (error) {
    if (error.code === "ENOTDIR") return [path];
    throw error;
  }
}

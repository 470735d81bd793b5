// Tells whether a build would make again what is already there: a hash over everything that it
// reads, and over what it left, kept in .tools/. Hashes rather than times, because git sets times
// anew whenever it changes a branch.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { inProject, root, tools } from "./project.mjs";

// Folders and files whose content goes into a Worker; those that don't exist count as empty.
const INPUTS = [
  "src",
  "Cargo.toml",
  "Cargo.lock",
  "build.rs",
  ".cargo",
  "rust-toolchain.toml",
  "package-lock.json",
  "scripts/build.mjs",
  "scripts/project.mjs",
];

// Variables of the caller that change what the compiler does.
const VARIABLES = ["RUSTFLAGS"];

/**
 * What a build with these features of Cargo, and these variables of its own, would read now. Take it
 * before the build: a file may change while it runs.
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

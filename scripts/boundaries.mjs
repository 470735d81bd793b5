// Checks rules for the source that tests of its behaviour can't check: only src/cloudflare/ names the
// platform, and only it reads the clock, the environment or randomness; modules only use earlier layers;
// secrets are compared in constant time. Comments may name what is forbidden.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { layerFaults } from "./layers.mjs";
import { inProject, isStarted, main, root, Stop } from "./project.mjs";

const PLATFORM = join("src", "cloudflare") + sep;

const FORBIDDEN = [
  { pattern: /\bworker::|\buse worker\b/, is: "the platform (worker)" },
  { pattern: /\b(js_sys|wasm_bindgen|wasm_bindgen_futures|web_sys)\b/, is: "the platform" },
  { pattern: /\b(Utc::now|Local::now|SystemTime|Instant)\b/, is: "the clock" },
  { pattern: /\bstd::env\b/, is: "the environment" },
  { pattern: /\b(getrandom|rand|fastrand)::/, is: "randomness" },
];

// A comparison that ends at the first difference reveals how much of a guess was right.
const SECRETS = [
  join("src", "contracts", "browser", "link.rs"),
  join("src", "contracts", "kombo", "signature.rs"),
  join("src", "contracts", "operator", "tokens.rs"),
  join("src", "edge", "auth.rs"),
];
const COMPARES = /(?<!\.len\(\) |needed )[=!]= /;

export function checkBoundaries() {
  checkLayers();
  checkSecrets();
  const found = rustFiles(inProject("src"))
    .map((path) => ({ path, name: relative(root, path) }))
    .filter(({ name }) => !name.startsWith(PLATFORM))
    .flatMap(({ path, name }) => violationsIn(readFileSync(path, "utf8"), name));
  if (found.length === 0) return;
  throw new Stop(
    `Only src/cloudflare/ may name the platform, the clock, the environment or randomness:\n` +
      found.map((line) => `  ${line}`).join("\n"),
  );
}

/** The file of each crate that lists its modules in order. */
const CRATES = [join("src", "lib.rs"), join("simulation", "src", "lib.rs")];

function checkLayers() {
  const found = CRATES.flatMap((root) =>
    layerFaults(inProject(root)).map((fault) => `${root}: ${fault}`),
  );
  if (found.length === 0) return;
  throw new Stop(
    `A module may only use modules that lib.rs lists before it, and imports must not form a cycle:\n` +
      found.map((line) => `  ${line}`).join("\n"),
  );
}

function checkSecrets() {
  const found = SECRETS.filter((name) =>
    COMPARES.test(code(readFileSync(inProject(name), "utf8"))),
  );
  if (found.length === 0) return;
  throw new Stop(
    `${found.join(" and ")} must compare codes with verify_slice, never with == or !=.`,
  );
}

/** A source without comments and tests. */
const code = (text) =>
  text
    .split("#[cfg(test)]")[0]
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("//"))
    .join("\n");

function violationsIn(text, name) {
  return text.split("\n").flatMap((line, index) => {
    if (line.trimStart().startsWith("//")) return [];
    return FORBIDDEN.filter(({ pattern }) => pattern.test(line)).map(
      ({ is }) => `${name}:${index + 1} names ${is}: ${line.trim()}`,
    );
  });
}

const rustFiles = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return rustFiles(path);
    return entry.name.endsWith(".rs") ? [path] : [];
  });

if (isStarted(import.meta.url)) await main(checkBoundaries);

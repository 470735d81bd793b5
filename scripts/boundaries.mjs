// Checks rules of the source that no test of its behaviour can: only src/cloudflare/ names the platform,
// nothing else reads the clock, the environment or randomness, modules use earlier layers alone, and
// secrets are compared in constant time. Comments may name what is forbidden.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { faultsOfLayers } from "./layers.mjs";
import { inProject, isStarted, main, root, Stop } from "./project.mjs";

const PLATFORM = join("src", "cloudflare") + sep;

const FORBIDDEN = [
  { pattern: /\bworker::|\buse worker\b/, is: "the platform (worker)" },
  { pattern: /\b(js_sys|wasm_bindgen|wasm_bindgen_futures|web_sys)\b/, is: "the platform" },
  { pattern: /\b(Utc::now|Local::now|SystemTime|Instant)\b/, is: "the clock" },
  { pattern: /\bstd::env\b/, is: "the environment" },
  { pattern: /\b(getrandom|rand|fastrand)::/, is: "randomness" },
];

// A comparison that ends at the first difference tells how far a guess was right.
const SECRETS = [
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
    .flatMap(({ path, name }) => offences(readFileSync(path, "utf8"), name));
  if (found.length === 0) return;
  throw new Stop(
    `Only src/cloudflare/ may name the platform, the clock, the environment or randomness:\n` +
      found.map((line) => `  ${line}`).join("\n"),
  );
}

/** The crates, each by the file that lists its modules in order. */
const CRATES = [join("src", "lib.rs"), join("simulation", "src", "lib.rs")];

function checkLayers() {
  const found = CRATES.flatMap((root) =>
    faultsOfLayers(inProject(root)).map((fault) => `${root}: ${fault}`),
  );
  if (found.length === 0) return;
  throw new Stop(
    `Modules use those that lib.rs lists before them alone, and files no circle:\n` +
      found.map((line) => `  ${line}`).join("\n"),
  );
}

function checkSecrets() {
  const found = SECRETS.filter((name) =>
    COMPARES.test(code(readFileSync(inProject(name), "utf8"))),
  );
  if (found.length === 0) return;
  throw new Stop(
    `${found.join(" and ")} may compare codes by verify_slice alone, never by == or !=.`,
  );
}

/** A source without comments and tests. */
const code = (text) =>
  text
    .split("#[cfg(test)]")[0]
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("//"))
    .join("\n");

function offences(text, name) {
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

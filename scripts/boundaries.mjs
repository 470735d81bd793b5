// Checks the rule that keeps the state machines pure: only src/cloudflare/ names the platform, and
// nothing else reads the clock, the environment or randomness. Comments may name them.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { inProject, isStarted, main, root, Stop } from "./project.mjs";

const PLATFORM = join("src", "cloudflare") + sep;

const FORBIDDEN = [
  { pattern: /\bworker::|\buse worker\b/, is: "the platform (worker)" },
  { pattern: /\b(js_sys|wasm_bindgen|wasm_bindgen_futures|web_sys)\b/, is: "the platform" },
  { pattern: /\b(Utc::now|Local::now|SystemTime|Instant)\b/, is: "the clock" },
  { pattern: /\bstd::env\b/, is: "the environment" },
  { pattern: /\b(getrandom|rand|fastrand)::/, is: "randomness" },
];

export function checkBoundaries() {
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

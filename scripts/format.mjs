// Formats all files: JavaScript, TypeScript, JSON, YAML and the page of the console with Prettier, and
// Rust with rustfmt.

import { argumentsOf } from "./arguments.mjs";
import { run } from "./command.mjs";
import { inProject, isStarted, main } from "./project.mjs";
import { setUp } from "./setup.mjs";

const FILES = [
  "**/*.mjs",
  "**/*.ts",
  "**/*.json",
  "**/*.yaml",
  "**/*.yml",
  "src/**/*.js",
  "packages/**/*.js",
  "dev/console/page/*",
];

export const prettier = (mode) => [
  "node",
  ["node_modules/prettier/bin/prettier.cjs", mode, ...FILES],
];

if (isStarted(import.meta.url)) {
  await main(async () => {
    await argumentsOf({ name: "format", about: "Formats all files of the project." });
    await setUp();
    await run(...prettier("--write"));
    await run("cargo", ["fmt", "--all"]);
    await run("cargo", ["fmt", "--manifest-path", inProject("fuzz", "Cargo.toml")]);
  });
}

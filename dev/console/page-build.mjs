// Builds the page of the console from dev/console/page, in memory: a document, a script and a style
// sheet. An installed package has them in dev/console/built/ instead of this file.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const inPage = (name) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

/**
 * The files of the page, by name. `startCommand` is the command that starts the console, which the page
 * names when it does not run.
 */
export async function buildPage(startCommand) {
  const { outputFiles } = await build({
    entryPoints: [inPage("main.jsx")],
    outdir: "/",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    define: {
      "process.env.NODE_ENV": '"production"',
      START_COMMAND: JSON.stringify(startCommand),
    },
    // The page is published, and the licenses of its parts ask for their notices.
    legalComments: "eof",
    logLevel: "error",
  });
  return {
    "index.html": readFileSync(inPage("index.html")),
    ...Object.fromEntries(outputFiles.map(({ path, contents }) => [basename(path), contents])),
  };
}

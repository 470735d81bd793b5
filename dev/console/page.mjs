// Builds the page of the console from dev/console/page, in memory: a document, a script and a style
// sheet, by the paths that serve them.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const inPage = (name) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

const TYPES = {
  "/": "text/html; charset=utf-8",
  "/main.js": "text/javascript; charset=utf-8",
  "/main.css": "text/css; charset=utf-8",
};

/** The files of the page: `{ type, bytes }` by path. */
export async function buildPage() {
  const { outputFiles } = await build({
    entryPoints: [inPage("main.jsx")],
    outdir: "/",
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    logLevel: "error",
  });
  const found = { "/": readFileSync(inPage("index.html")) };
  for (const { path, contents } of outputFiles) found[path] = contents;
  return Object.fromEntries(
    Object.entries(TYPES).map(([path, type]) => [path, { type, bytes: found[path] }]),
  );
}

// A backend on Workers for the tests: bundled by wrangler as for a deployment, and run next to kombo-edge in
// the same runtime, with its namespace and its entrypoint. Nothing is uploaded.

import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { KV_NAMESPACES } from "../dev/worker.mjs";

const run = promisify(execFile);

/** How the runtime loads a file of the bundle. */
const MODULE_TYPES = {
  ".js": "ESModule",
  ".mjs": "ESModule",
  ".wasm": "CompiledWasm",
  ".txt": "Text",
  ".html": "Text",
  ".sql": "Text",
  ".bin": "Data",
};

/** The Worker of a configuration, as options of miniflare. `vars` replace its variables and secrets. */
export async function bundled({ config, environment, vars = {}, mappings = "MAPPINGS" }) {
  const path = config instanceof URL ? fileURLToPath(config) : config;
  const { unstable_getMiniflareWorkerOptions: read } = await import("wrangler");
  const { workerOptions, main } = read(path, environment);
  const { kvNamespaces, serviceBindings } = workerOptions;
  return {
    ...workerOptions,
    name: "backend",
    modulesRoot: "/",
    modules: await modulesOf(path, environment, main),
    bindings: { ...workerOptions.bindings, ...vars },
    kvNamespaces: { ...kvNamespaces, [mappings]: KV_NAMESPACES.MAPPINGS },
    serviceBindings: Object.fromEntries(
      Object.entries(serviceBindings).map(([name, service]) => [name, ofEdge(service)]),
    ),
  };
}

/** A deployment of kombo-edge may have any name, the one in a test has one. */
const ofEdge = (service) =>
  service.entrypoint === "ReadApi" ? { ...service, name: "kombo-edge" } : service;

/** The modules of a Worker, the main one first. */
async function modulesOf(config, environment, main) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-backend-"));
  try {
    await bundle({ config, environment, folder });
    const entry = `${basename(main, extname(main))}.js`;
    const others = readdirSync(folder).filter(
      (file) => file !== entry && Object.hasOwn(MODULE_TYPES, extname(file)),
    );
    return [entry, ...others].map((file) => moduleOf(folder, file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function moduleOf(folder, file) {
  const type = MODULE_TYPES[extname(file)];
  const isText = type === "ESModule" || type === "Text";
  const contents = readFileSync(join(folder, file), isText ? "utf8" : undefined);
  return { type, path: `/${file}`, contents };
}

async function bundle({ config, environment, folder }) {
  const { resolve } = createRequire(import.meta.url);
  const wrangler = join(dirname(resolve("wrangler/package.json")), "bin", "wrangler.js");
  const named = environment === undefined ? [] : ["--env", environment];
  const args = ["deploy", "--dry-run", "--outdir", folder, "--config", config, ...named];
  await run(process.execPath, [wrangler, ...args], {
    cwd: dirname(config),
    env: { ...process.env, WRANGLER_SEND_METRICS: "false", CI: "true" },
  }).catch(({ stdout, stderr }) => {
    throw new Error(`The backend cannot be bundled:\n${stdout}${stderr}`);
  });
}

// The backends of examples/ next to the built Worker: the one on Workers in the same runtime, with its
// namespace and a service binding to it, the one on Node in its own process. A stand-in records their
// calls to Kombo's API.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { unstable_getMiniflareWorkerOptions as readWranglerToml } from "wrangler";
import { startKomboApi } from "../dev/kombo-api.mjs";
import { KV_NAMESPACES } from "../dev/worker.mjs";
import { eventually, SECRET, startTestbed, TOKENS } from "./testbed.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

export const SESSION_SECRET = "session-test-secret";
export const API_KEY = "kombo-test-key";

/**
 * Starts every example, each also with a token that kombo-edge does not accept (`unauthorized`), and
 * everything that they call. `rejections` has the error with which Kombo's API answers calls for an
 * integration; see startKomboApi.
 */
export async function startExamples(after) {
  const rejections = new Map();
  const kombo = await startKomboApi({
    refuse: ({ integrationId }) => rejections.get(integrationId),
  });
  after(() => kombo.stop());
  const settings = {
    API_READ_TOKEN: TOKENS.API_READ_TOKEN,
    KOMBO_WEBHOOK_SECRET: ` an-older-secret ${SECRET}`,
    KOMBO_API_KEY: API_KEY,
    KOMBO_API_URL: kombo.url,
    SESSION_SECRET,
  };
  const unauthorized = { ...settings, API_READ_TOKEN: "an-unknown-token" };
  const example = await compiled("examples/worker");
  const beside = [
    { ...example, name: "example", bindings: { ...example.bindings, ...settings } },
    { ...example, name: "unauthorized", bindings: { ...example.bindings, ...unauthorized } },
  ];
  const { edge, log } = await startTestbed({ after }, { bindings: TOKENS, beside });
  const onWorkers = async (name) => {
    const { fetch } = await edge.worker(name);
    const lines = () => log.map(({ message }) => message);
    return { ask: (path, init) => fetch(new URL(path, "http://example"), init), lines };
  };
  const onNode = (settings) => startNode({ ...settings, KOMBO_EDGE_URL: String(edge.url) }, after);
  return {
    edge,
    kombo,
    rejections,
    worker: await onWorkers("example"),
    node: await onNode(settings),
    unauthorized: { worker: await onWorkers("unauthorized"), node: await onNode(unauthorized) },
  };
}

/** The options of miniflare for a Worker, from its wrangler.toml, with the namespace of kombo-edge. */
async function compiled(folder) {
  const { main, workerOptions } = readWranglerToml(`${root}${folder}/wrangler.toml`);
  const bundled = await build({ entryPoints: [main], bundle: true, format: "esm", write: false });
  const names = Object.keys(workerOptions.kvNamespaces);
  return {
    ...workerOptions,
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/index.js", contents: bundled.outputFiles[0].text }],
    kvNamespaces: Object.fromEntries(names.map((name) => [name, KV_NAMESPACES.MAPPINGS])),
  };
}

/** The service on Node, on any free port. */
async function startNode(settings, after) {
  const node = spawn("node", ["examples/node/server.mjs"], {
    cwd: root,
    env: { PATH: process.env.PATH, ...settings, PORT: "0" },
  });
  after(() => node.kill());
  const log = [];
  for (const stream of [node.stdout, node.stderr]) {
    createInterface(stream).on("line", (line) => log.push(line));
  }
  const url = await eventually(() => log[0]?.match(/http:\S+/)?.[0], "the Node example's address");
  return { ask: (path, init) => fetch(new URL(path, url), init), lines: () => log };
}

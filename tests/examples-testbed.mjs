// The backends of examples/ next to the built Worker: the one on Workers in the same runtime, with its
// namespace and a service binding to it, the one on Node in its own process. A stand-in records their
// calls to Kombo's API.

import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startKomboApi } from "../dev/kombo-api.mjs";
import { bundled } from "../testing/backend.mjs";
import { eventually, SECRET, startTestbed, TOKENS } from "./testbed.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url));

export const SESSION_SECRET = "session-test-secret";
export const API_KEY = "kombo-test-key";

/** What the examples install, by the folder of the project that it is. */
const PACKAGES = {
  "kombo-edge": ".",
  "kombo-edge-client": "packages/client",
  "@cloudflare": "node_modules/@cloudflare",
};

/**
 * Starts every example, from a copy, each also without the right to read (`unauthorized`), and everything
 * that they call. `rejections` has the error with which Kombo's API answers calls for an
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
  const folders = { worker: copyOf("worker", after), node: copyOf("node", after) };
  const example = await bundled({ config: join(folders.worker, "wrangler.toml"), vars: settings });
  const withoutProps = { ...example.serviceBindings.KOMBO_EDGE, props: undefined };
  const beside = [
    { ...example, name: "example" },
    { ...example, name: "unauthorized", serviceBindings: { KOMBO_EDGE: withoutProps } },
  ];
  const { edge, log } = await startTestbed({ after }, { bindings: TOKENS, beside });
  const onWorkers = async (name) => {
    const { fetch } = await edge.worker(name);
    const lines = () => log.map(({ message }) => message);
    return { ask: (path, init) => fetch(new URL(path, "http://example"), init), lines };
  };
  const onNode = (settings) =>
    startNode(folders.node, { ...settings, KOMBO_EDGE_URL: String(edge.url) }, after);
  return {
    edge,
    folders,
    kombo,
    rejections,
    worker: await onWorkers("example"),
    node: await onNode(settings),
    unauthorized: {
      worker: await onWorkers("unauthorized"),
      node: await onNode({ ...settings, API_READ_TOKEN: "an-unknown-token" }),
    },
  };
}

/** A copy of an example, with the packages of this project installed as their tarballs would be. */
export function copyOf(example, after) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-example-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(join(root, "examples", example), folder, {
    recursive: true,
    filter: (path) => !/[/\\](node_modules|\.wrangler)$/.test(path),
  });
  mkdirSync(join(folder, "node_modules"));
  for (const [name, target] of Object.entries(PACKAGES)) {
    symlinkSync(join(root, target), join(folder, "node_modules", name), "junction");
  }
  return folder;
}

/** The service on Node, on any free port. */
async function startNode(folder, settings, after) {
  const node = spawn("node", ["server.mjs"], {
    cwd: folder,
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

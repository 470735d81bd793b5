// The Workers that are compared: the build of kombo-edge, and its peers, which are bundled from
// TypeScript.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { KV_NAMESPACES, OBJECTS, built } from "../../dev/worker.mjs";
import { build as buildWorker, worker, workerAtLevel } from "../../scripts/build.mjs";
import { inProject } from "../../scripts/project.mjs";

const QUEUE = "events";

// Batches, and so alerts, wait for at most one second. The platform's default of five seconds would cost
// a little less.
const CONSUMER = { maxBatchSize: 10, maxBatchTimeout: 1, maxRetries: 10 };

const objects = Object.fromEntries(
  Object.entries(OBJECTS).map(([binding, className]) => [binding, { className, useSQLite: true }]),
);

/**
 * Each Worker has its name in the tables, a description, the folder of its source, its bindings
 * (kombo-edge has those of startWorker), whether it posts to Slack, and its only response if it always
 * gives the same. The order is that of the tables. The others are compared with the first one.
 */
export const WORKERS = [
  { name: "kombo-edge", is: "this Worker", postsToSlack: true },
  {
    name: "body only",
    is: "a Worker that only reads the body and responds: the minimum",
    folder: "body-only",
    binds: { kvNamespaces: {}, durableObjects: {} },
    answersAll: "ignored",
  },
  {
    name: "TypeScript",
    is: "the same contract, objects and guarantees with Hono, zod and crypto.subtle",
    folder: "objects",
    binds: { kvNamespaces: KV_NAMESPACES, durableObjects: objects },
    postsToSlack: true,
  },
  {
    name: "KV only",
    is: "the design of a quick solution: Workers KV, and Slack in waitUntil",
    folder: "kv-only",
    binds: { kvNamespaces: KV_NAMESPACES, durableObjects: {} },
    postsToSlack: true,
  },
  {
    name: "queue",
    is: "the design of webhook gateways: a Cloudflare Queue, whose consumer writes to Workers KV and posts to Slack",
    folder: "queue",
    binds: {
      kvNamespaces: KV_NAMESPACES,
      durableObjects: {},
      queueProducers: { EVENTS: QUEUE },
      queueConsumers: { [QUEUE]: CONSUMER },
    },
    postsToSlack: true,
  },
];

/**
 * Prepares the Workers: `instead` for startWorker, and their gzipped size. `builds` are further builds of
 * this Worker, as `{ name, folder }`. `withPeers: false` leaves out the peers.
 */
export function prepared({ builds = [], withPeers = true } = {}) {
  const workers = withPeers ? WORKERS : WORKERS.slice(0, 1);
  return Promise.all([...workers.map(prepare), ...builds.map(prepareBuild)]);
}

/** The optimization level in Cargo.toml, and other levels. */
const LEVELS = { 3: worker, s: workerAtLevel("s"), z: workerAtLevel("z") };

/** This Worker at each optimization level, built if necessary. */
export async function atLevels() {
  const workers = [];
  for (const [level, wanted] of Object.entries(LEVELS)) {
    await buildWorker(wanted);
    workers.push(prepareBuild({ name: level, folder: inProject(wanted.directory) }));
  }
  return workers;
}

async function prepare(worker) {
  if (!worker.folder) return prepareBuild({ ...worker, folder: inProject("build") });
  const contents = await bundle(worker.folder);
  const modules = [{ type: "ESModule", path: "/index.js", contents }];
  return { ...worker, gzipped: gzippedBytes(contents), instead: { modules, ...worker.binds } };
}

function prepareBuild({ name, folder }) {
  const modules = built(folder);
  const gzipped = sum(modules.map(({ contents }) => gzippedBytes(contents)));
  const can = { postsToSlack: true, hasApi: true };
  return { name, is: "this Worker", ...can, gzipped, instead: { modules } };
}

const gzippedBytes = (contents) => gzipSync(contents, { level: 9 }).length;
const sum = (values) => values.reduce((total, value) => total + value, 0);

async function bundle(folder) {
  const { outputFiles } = await build({
    entryPoints: [inProject("bench", "peers", folder, "index.ts")],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:*"],
    legalComments: "none",
  });
  return outputFiles[0].text;
}

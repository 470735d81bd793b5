// The Workers that are compared: kombo-edge as it was built, and its peers, bundled from TypeScript.

import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { KV_NAMESPACES, OBJECTS, built } from "../../dev/worker.mjs";
import { build as buildWorker, worker, workerAtLevel } from "../../scripts/build.mjs";
import { inProject } from "../../scripts/project.mjs";

const QUEUE = "events";

// A batch is not held back longer than a second, so that an alert is not either; the platform's
// default of five seconds would cost a little less.
const CONSUMER = { maxBatchSize: 10, maxBatchTimeout: 1, maxRetries: 10 };

const objects = Object.fromEntries(
  Object.entries(OBJECTS).map(([binding, className]) => [binding, { className, useSQLite: true }]),
);

/**
 * Each with its name in the tables, what it is, the folder of its source and what it binds (that of
 * kombo-edge is startWorker's own), whether it tells Slack, and the one answer of a Worker that has no
 * other. The order is that of the tables; the first one is what the others are compared with.
 */
export const WORKERS = [
  { name: "kombo-edge", is: "this Worker", postsToSlack: true },
  {
    name: "body only",
    is: "a Worker that only reads the body and answers: the floor",
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
    is: "the design of webhook gateways: a Cloudflare Queue, whose consumer writes and tells",
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
 * The Workers, each with its modules: what startWorker takes as `instead`, and the size gzipped. `builds`
 * are further builds of this Worker, as `{ name, folder }`; `withPeers` is false to leave out the peers.
 */
export function prepared({ builds = [], withPeers = true } = {}) {
  const workers = withPeers ? WORKERS : WORKERS.slice(0, 1);
  return Promise.all([...workers.map(prepare), ...builds.map(prepareBuild)]);
}

/** The level of optimizing in Cargo.toml, and others that Cargo knows. */
const LEVELS = { 3: worker, s: workerAtLevel("s"), z: workerAtLevel("z") };

/** This Worker at each level of optimizing, built where it is not. */
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
  return { name, is: "this Worker", postsToSlack: true, gzipped, instead: { modules } };
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

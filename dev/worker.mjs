// Runs the built Worker on the real runtime (workerd, through miniflare), with local KV and SQLite
// objects, and lets a test kill it like a power cut. What it leaves out is what miniflare leaves
// out: KV's limit of one write a second for a key, stale reads, quotas, and errors of a far object.

import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { getDefaultDevRegistryPath, Log, LogLevel, Miniflare } from "miniflare";

const root = fileURLToPath(new URL("..", import.meta.url));

// The bindings of wrangler.toml, in miniflare's words.
export const KV_NAMESPACES = { MAPPINGS: "mappings" };
const OBJECTS = { INTEGRATIONS: "Integration", CUSTOMERS: "Customer", NOTIFIER: "Notifier" };

// miniflare keeps the process of workerd to itself, and ends it politely. Node announces each new
// process, so the one that starts on behalf of a call of startWorker is found by that call.
const startedFor = new AsyncLocalStorage();
subscribe("child_process", ({ process: child }) => startedFor.getStore()?.push(child));

/**
 * Starts the Worker and resolves once it answers.
 *
 * - `buildDir`: the folder that holds index.js and index_bg.wasm, default `build/`.
 * - `persist`: a folder for KV and objects, to be found again by the next start; without it
 *   everything is gone with the process.
 * - `port`: default 0, any free one.
 * - `bindings`: variables and secrets.
 * - `unbound`: the name of a binding of wrangler.toml that is left out.
 * - `entry`: a module that stands in front of the build and imports it as "./index.js".
 * - `outbound`: takes every outgoing request and answers it in place of the network.
 * - `beside`: further Workers in miniflare's words, which may bind this one and its namespace; each
 *   is reached by its name, see `worker` below.
 * - `announce`: true lets every `wrangler dev` on this machine bind this Worker, by a file in
 *   wrangler's folder that goes when this process ends.
 * - `onLog`: gets each line that the Worker logs, as `{ at, level, message, fields }`, where
 *   `fields` is the parsed line if it is a JSON object, else undefined.
 * - `onOutput`: called for each stream that the process writes, gives back what gets its pieces of text.
 */
export async function startWorker({
  buildDir = join(root, "build"),
  persist,
  port = 0,
  bindings = {},
  unbound,
  entry,
  outbound,
  beside = [],
  announce = false,
  onLog = () => {},
  onOutput = () => () => {},
} = {}) {
  const processes = [];
  const bound = (all) => Object.entries(all).filter(([binding]) => binding !== unbound);
  const miniflare = startedFor.run(
    processes,
    () =>
      new Miniflare({
        host: "127.0.0.1",
        port,
        log: new Log(LogLevel.ERROR),
        // The properties of a request that only Cloudflare knows; they would be fetched from there.
        cf: false,
        kvPersist: persist ? join(persist, "kv") : false,
        durableObjectsPersist: persist ? join(persist, "objects") : false,
        unsafeDevRegistryPath: announce ? getDefaultDevRegistryPath() : undefined,
        handleRuntimeStdio: (...streams) => {
          for (const stream of streams) stream.setEncoding("utf8").on("data", onOutput());
        },
        handleStructuredLogs: ({ timestamp, level, message }) => {
          onLog({ at: new Date(timestamp), level, message, fields: jsonObject(message) });
        },
        workers: [
          {
            name: "kombo-edge",
            modulesRoot: "/",
            modules: modules(buildDir, entry),
            compatibilityDate: compatibilityDate(),
            bindings,
            kvNamespaces: Object.fromEntries(bound(KV_NAMESPACES)),
            durableObjects: Object.fromEntries(
              bound(OBJECTS).map(([binding, className]) => [
                binding,
                { className, useSQLite: true },
              ]),
            ),
            ...(outbound && { outboundService: outbound }),
          },
          ...beside,
        ],
      }),
  );
  const url = await miniflare.ready.catch(async (error) => {
    // What miniflare holds would keep this process alive. Its dispose rejects with the same error.
    await miniflare.dispose().catch(() => {});
    throw error;
  });
  const workerd = processes.at(-1);

  return {
    /** Where the Worker listens. */
    url,
    /** The id of the workerd process. */
    pid: workerd.pid,
    /** A request over HTTP to a path of the Worker. */
    fetch: (path, init) => fetch(new URL(path, url), init),
    /** The KV namespace MAPPINGS, as a Worker sees it: get, put, list, delete. */
    kv: () => miniflare.getKVNamespace("MAPPINGS"),
    /** A Worker beside this one: its `fetch`. */
    worker: (name) => miniflare.getWorker(name),
    /** miniflare itself, for what is rarely needed. */
    miniflare,
    /** Ends the process at once (SIGKILL), as a crash does: nothing is flushed, no handler runs. */
    async kill() {
      if (workerd.exitCode === null && workerd.signalCode === null) {
        const ended = once(workerd, "exit");
        workerd.kill("SIGKILL");
        await ended;
      }
      await miniflare.dispose();
    },
    /** Ends the Worker and frees what miniflare holds. */
    dispose: () => miniflare.dispose(),
  };
}

// The first one is the main module. All are given as if they lay side by side in one folder.
function modules(buildDir, entry) {
  const read = (type, name, path) => ({ type, path: `/${name}`, contents: readFileSync(path) });
  return [
    ...(entry ? [read("ESModule", "entry.js", entry)] : []),
    read("ESModule", "index.js", join(buildDir, "index.js")),
    read("CompiledWasm", "index_bg.wasm", join(buildDir, "index_bg.wasm")),
  ];
}

function compatibilityDate() {
  const text = readFileSync(join(root, "wrangler.toml"), "utf8");
  return text.match(/^compatibility_date\s*=\s*"([^"]+)"/m)[1];
}

function jsonObject(line) {
  try {
    const value = JSON.parse(line);
    return value !== null && typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

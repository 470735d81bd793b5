// Runs the built Worker on the real runtime (workerd, through miniflare), with local KV and SQLite
// objects, and lets a test kill it like a power cut. What it leaves out is what miniflare leaves
// out: KV's limit of one write a second for a key, stale reads, quotas, and errors of a far object.

import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { Agent, fetch } from "undici";
import { registryFolder } from "./registry.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

// The bindings of wrangler.toml, in miniflare's words: those of its version 4, which wrangler speaks too.
export const KV_NAMESPACES = { MAPPINGS: "mappings" };
export const OBJECTS = { INTEGRATIONS: "Integration", CUSTOMERS: "Customer", NOTIFIER: "Notifier" };

// The runtime closes a connection that was idle for five seconds, busy as it may be, and what is sent
// over it at that moment gets no answer. So each request has a connection of its own.
const dispatcher = new Agent({ pipelining: 0 });

// miniflare keeps the process of workerd to itself. Node announces each new process before it starts, so
// the one that starts on behalf of a call of startWorker is found by that call.
const startedFor = new AsyncLocalStorage();
subscribe("child_process", ({ process: child }) => startedFor.getStore()?.(child));

/**
 * Starts the Worker and resolves once it answers.
 *
 * - `buildDir`: the folder that holds index.js and index_bg.wasm, default `build/`.
 * - `persist`: a folder for KV and objects, to be found again by the next start; without it
 *   everything is gone with the process.
 * - `port`: default 0, any free one.
 * - `bindings`: variables and secrets.
 * - `unbound`: the name of a binding of wrangler.toml that is left out.
 * - `wrappers`: modules that stand in front of the build, the first one foremost: each imports what is
 *   behind it as "./index.js".
 * - `instead`: another Worker in the place of the build, in miniflare's words: its modules, and what of
 *   its bindings is not as in wrangler.toml.
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
  buildDir,
  persist,
  port = 0,
  bindings = {},
  unbound,
  wrappers = [],
  instead,
  outbound,
  beside = [],
  announce = false,
  onLog = () => {},
  onOutput = () => () => {},
} = {}) {
  let workerd;
  const watch = (child) => {
    workerd = child;
    child.once("spawn", () => {
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", onOutput());
    });
  };
  const bound = (all) => Object.entries(all).filter(([binding]) => binding !== unbound);
  const options = convertV4MiniflareOptions({
    host: "127.0.0.1",
    port,
    log: new Log(LogLevel.ERROR),
    // The properties of a request that only Cloudflare knows; they would be fetched from there.
    cf: false,
    resourcePersistencePath: persist,
    unsafeDevRegistryPath: announce ? registryFolder() : undefined,
    handleStructuredLogs: ({ timestamp, level, message }) => {
      onLog({ at: new Date(timestamp), level, message, fields: jsonObject(message) });
    },
    workers: [
      {
        name: "kombo-edge",
        modulesRoot: "/",
        compatibilityDate: compatibilityDate(),
        bindings,
        kvNamespaces: Object.fromEntries(bound(KV_NAMESPACES)),
        durableObjects: Object.fromEntries(
          bound(OBJECTS).map(([binding, className]) => [binding, { className, useSQLite: true }]),
        ),
        ...instead,
        modules: wrapped(wrappers, instead?.modules ?? built(buildDir)),
        ...(outbound && { outboundService: outbound }),
      },
      ...beside,
    ],
  });
  const miniflare = startedFor.run(watch, () => new Miniflare(options));
  const url = await miniflare.ready.catch(async (error) => {
    // What miniflare holds would keep this process alive. Its dispose rejects with the same error.
    await miniflare.dispose().catch(() => {});
    throw error;
  });

  return {
    /** Where the Worker listens. */
    url,
    /** The id of the workerd process. */
    pid: workerd.pid,
    /** A request over HTTP to a path of the Worker. */
    fetch: (path, init) => fetchFrom(url, path, init),
    /** The KV namespace MAPPINGS, as a Worker sees it: get, put, list, delete. */
    kv: () => miniflare.getKVNamespace("MAPPINGS"),
    /** A Worker beside this one: its `fetch`. */
    worker: (name) => miniflare.getWorker(name),
    /** miniflare itself, for what is rarely needed. */
    miniflare,
    /** Ends the process at once (SIGKILL), as a crash does: nothing is flushed, no handler runs. */
    async kill() {
      workerd.kill("SIGKILL");
      // At once, for miniflare starts another process in the place of one that crashed.
      await miniflare.dispose();
    },
    /** Ends the Worker and frees what miniflare holds. */
    dispose: () => miniflare.dispose(),
  };
}

/** A request to a path of the Worker that listens at `url`. */
export const fetchFrom = (url, path, init) => fetch(new URL(path, url), { ...init, dispatcher });

const text = (path, contents) => ({ type: "ESModule", path, contents });

/** The modules of the build in this folder. */
export const built = (folder = join(root, "build")) => [
  text("/index.js", readFileSync(join(folder, "index.js"), "utf8")),
  {
    type: "CompiledWasm",
    path: "/index_bg.wasm",
    contents: readFileSync(join(folder, "index_bg.wasm")),
  },
];

/**
 * These modules with `wrappers` before them. The first one is the main module. Each front is given as if
 * it lay in a folder of its own, where index.js is the way to the next one.
 */
export function wrapped(wrappers, modules) {
  const places = [...wrappers.map((path, at) => `/wrapper-${at}/${basename(path)}`), "/index.js"];
  return [
    ...wrappers.flatMap((path, at) => [
      text(places[at], readFileSync(path, "utf8")),
      text(`/wrapper-${at}/index.js`, passingOn(places[at + 1])),
    ]),
    ...modules,
  ];
}

const passingOn = (place) => `export * from "..${place}";\nexport { default } from "..${place}";\n`;

/** Where the objects of a Worker lie in the folder that it persists in: a folder for each class. */
export const objectsIn = (persist) => join(persist, "do");

/** The date of wrangler.toml. */
export function compatibilityDate() {
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

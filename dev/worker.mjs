// Runs the built Worker on the real runtime (workerd, through miniflare), with local KV and SQLite
// objects. A test can kill it, as by a power cut. It lacks what miniflare lacks: KV's limit of one write
// a second for each key, stale reads, quotas, and errors of remote objects.

import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { Agent, fetch } from "undici";
import { registryFolder } from "./registry.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

// The bindings of wrangler.toml, as options of miniflare 4, which wrangler uses too.
export const KV_NAMESPACES = { MAPPINGS: "mappings" };
export const OBJECTS = { INTEGRATIONS: "Integration", CUSTOMERS: "Customer", NOTIFIER: "Notifier" };

// The runtime closes a connection that was idle for five seconds, even if it was too busy to read from
// it, and a request that is sent at that moment gets no response. So each request has its own connection.
const dispatcher = new Agent({ pipelining: 0 });

// miniflare does not expose the process of workerd. Node announces each new process before it starts, so
// a call of startWorker can find the one that was started for it.
const startedFor = new AsyncLocalStorage();
subscribe("child_process", ({ process: child }) => startedFor.getStore()?.(child));

/**
 * Starts the Worker and resolves once it answers.
 *
 * - `buildDir`: the folder that holds index.js and index_bg.wasm, default `build/`.
 * - `persist`: a folder that keeps KV and objects for the next start; without it, everything is lost when
 *   the process ends.
 * - `port`: default 0, which means any free one.
 * - `bindings`: variables and secrets.
 * - `unbound`: the name of a binding in wrangler.toml to leave out.
 * - `wrappers`: modules that wrap the build, the outermost first. Each imports what it wraps as
 *   "./index.js".
 * - `instead`: another Worker in place of the build, as options of miniflare: its modules, and those of
 *   its bindings that differ from wrangler.toml.
 * - `outbound`: responds to every outgoing request, in place of the network.
 * - `beside`: further Workers as options of miniflare, which may bind this one and its namespace. Each is
 *   available by its name; see `worker` below.
 * - `announce`: true lets every `wrangler dev` on this machine bind this Worker, by a file in wrangler's
 *   folder that is removed when this process ends.
 * - `onLog`: gets each line that the Worker logs, as `{ at, level, message, fields }`, where `fields` is
 *   the parsed line if it is a JSON object, otherwise undefined.
 * - `onOutput`: called for each output stream of the process, and returns a function that gets its pieces
 *   of text.
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
    // Disables `request.cf`, which miniflare would fetch from Cloudflare.
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
    // Otherwise miniflare would keep this process alive. Its dispose rejects with the same error.
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
    /** Another Worker from `beside`, with its `fetch`. */
    worker: (name) => miniflare.getWorker(name),
    /** miniflare itself, for rare uses. */
    miniflare,
    /** Kills the process (SIGKILL), as a crash does: nothing is flushed, no handler runs. */
    async kill() {
      workerd.kill("SIGKILL");
      // Immediately, because miniflare restarts a process that crashed.
      await miniflare.dispose();
    },
    /** Stops the Worker and releases the resources of miniflare. */
    dispose: () => miniflare.dispose(),
  };
}

/** Sends a request to a path of the Worker that listens at `url`. */
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
 * These modules with wrappers before them. The first one is the main module. Each wrapper appears to be
 * in its own folder, where index.js re-exports the next one.
 */
export function wrapped(wrappers, modules) {
  const places = [...wrappers.map((path, at) => `/wrapper-${at}/${basename(path)}`), "/index.js"];
  return [
    ...wrappers.flatMap((path, at) => [
      text(places[at], readFileSync(path, "utf8")),
      text(`/wrapper-${at}/index.js`, reexport(places[at + 1])),
    ]),
    ...modules,
  ];
}

const reexport = (place) => `export * from "..${place}";\nexport { default } from "..${place}";\n`;

/** Where the objects of a Worker are stored in the folder `persist`: a folder for each class. */
export const objectsIn = (persist) => join(persist, "do");

/** The ids of the objects of a class that are stored in the folder `persist`, in order. */
export function storedObjects(persist, className, worker = "kombo-edge") {
  const folder = join(objectsIn(persist), `${worker}-${className}`);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.flatMap((file) => file.match(/^([0-9a-f]{64})\.sqlite$/)?.[1] ?? []).sort();
}

/** The compatibility date in wrangler.toml. */
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

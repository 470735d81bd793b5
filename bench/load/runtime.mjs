// Runs a Worker in workerd without miniflare, to measure the runtime's process, especially its memory.
// miniflare runs its own Workers in the same process and does not limit V8's heap, so garbage may fill
// all memory. Only miniflare has Workers KV, queues, and structured logs.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compatibilityDate, fetchFrom, OBJECTS } from "../../dev/worker.mjs";

// The workerd that miniflare uses.
const miniflare = createRequire(import.meta.url).resolve("miniflare");
const { default: workerd } = createRequire(miniflare)("workerd");

/** The limit of V8's heap in MiB, which is Cloudflare's limit for the whole isolate. */
const MAX_HEAP_MIB = 128;
/** The descriptor to which workerd writes its address. */
const CONTROL = 3;
/** How much of its output an error includes, in characters. */
const MAX_STDERR_CHARACTERS = 2_000;

// Cap'n Proto's strings are those of JSON, except for control characters, which do not occur here.
const quoted = JSON.stringify;
const list = (items) => `[${items.join(", ")}]`;

/**
 * Starts workerd with these modules, of which the first is the main one, and these variables. All its
 * files are in `folder`.
 */
export async function startRuntime({ modules, bindings, folder }) {
  const config = join(folder, "worker.capnp");
  mkdirSync(join(folder, "objects"));
  writeFileSync(config, configOf({ modules: written(modules, folder), bindings, folder }));
  const flags = ["--experimental", `--control-fd=${CONTROL}`];
  const stderrFile = join(folder, "stderr");
  const stderr = openSync(stderrFile, "w");
  const stdio = ["ignore", "ignore", stderr, "pipe"];
  const child = spawn(workerd, ["serve", ...flags, config], { stdio });
  closeSync(stderr);
  // It has nothing to finish.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = once(child, "exit");
  const ended = exited.then(() => {
    process.removeListener("exit", kill);
    throw new Error(
      `workerd ended: ${readFileSync(stderrFile, "utf8").slice(-MAX_STDERR_CHARACTERS)}`,
    );
  });
  // Without an `await`, failing requests show that it has ended.
  ended.catch(() => {});
  return {
    /** The URL of the Worker. */
    url: await Promise.race([listening(child), ended]),
    /** The id of the process. */
    pid: child.pid,
    /** Rejects when the process ends, with the end of its output. */
    ended,
    /** Sends a request to a path of the Worker. */
    fetch(path, init) {
      return fetchFrom(this.url, path, init);
    },
    /** Kills it. */
    async dispose() {
      kill();
      await exited;
    },
  };
}

async function listening(child) {
  for await (const line of createInterface({ input: child.stdio[CONTROL] })) {
    const { event, port } = JSON.parse(line);
    if (event === "listen") return new URL(`http://127.0.0.1:${port}`);
  }
}

/** Writes each module to a file in `folder`, and returns their entries in workerd's configuration. */
function written(modules, folder) {
  return modules.map(({ type, path, contents }, number) => {
    const file = `module-${number}`;
    writeFileSync(join(folder, file), contents);
    const kind = type === "CompiledWasm" ? "wasm" : "esModule";
    return `(name = ${quoted(path.slice(1))}, ${kind} = embed ${quoted(file)})`;
  });
}

function configOf({ modules, bindings, folder }) {
  const variables = Object.entries(bindings).map(
    ([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`,
  );
  const objects = Object.entries(OBJECTS);
  const bound = objects.map(
    ([name, className]) =>
      `(name = ${quoted(name)}, durableObjectNamespace = (className = ${quoted(className)}))`,
  );
  const namespaces = objects.map(([, className]) => {
    const key = quoted(`kombo-edge-${className}`);
    return `(className = ${quoted(className)}, uniqueKey = ${key}, enableSql = true)`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ["--max-heap-size=${MAX_HEAP_MIB}"],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
  services = [
    (name = "worker", worker = .worker),
    (name = "network", network = (allow = ["private", "public"])),
    (name = "objects", disk = (path = ${quoted(join(folder, "objects"))}, writable = true)),
  ],
);
const worker :Workerd.Worker = (
  compatibilityDate = ${quoted(compatibilityDate())},
  modules = ${list(modules)},
  bindings = ${list([...variables, ...bound])},
  durableObjectNamespaces = ${list(namespaces)},
  durableObjectStorage = (localDisk = "objects"),
  globalOutbound = "network",
);
`;
}

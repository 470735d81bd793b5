// workerd by itself, with a Worker in it: for what is asked of the runtime's own process, its memory
// above all. miniflare runs Workers of its own in the same process, and sets no limit to V8's heap, so
// that garbage is kept for as long as the machine has room. It leaves out what only miniflare has:
// Workers KV, queues, and logs that anybody reads.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { compatibilityDate, fetchFrom, OBJECTS } from "../../dev/worker.mjs";

// The same as everywhere else: miniflare's.
const miniflare = createRequire(import.meta.url).resolve("miniflare");
const { default: workerd } = createRequire(miniflare)("workerd");

/** The most that V8's heap takes, in MiB: what Cloudflare gives an isolate with all that it has. */
const MAX_HEAP_MIB = 128;
/** The descriptor to which workerd writes where it listens. */
const CONTROL = 3;
/** How much of what it wrote is told when it ends, in characters. */
const MAX_STDERR_CHARACTERS = 2_000;

// Cap'n Proto writes texts as JSON does, but for control characters, of which these have none.
const quoted = JSON.stringify;
const list = (items) => `[${items.join(", ")}]`;

/**
 * Starts workerd with these modules, the first of which is the main one, and these variables. All that
 * it needs and stores is in `folder`.
 */
export async function startRuntime({ modules, bindings, folder }) {
  const config = join(folder, "worker.capnp");
  mkdirSync(join(folder, "objects"));
  writeFileSync(config, configOf({ modules: written(modules, folder), bindings, folder }));
  const flags = ["--experimental", `--control-fd=${CONTROL}`];
  const complaints = join(folder, "stderr");
  const stderr = openSync(complaints, "w");
  const stdio = ["ignore", "ignore", stderr, "pipe"];
  const child = spawn(workerd, ["serve", ...flags, config], { stdio });
  closeSync(stderr);
  // There is nothing that it would have to finish.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = once(child, "exit");
  const ended = exited.then(() => {
    process.removeListener("exit", kill);
    throw new Error(
      `workerd ended: ${readFileSync(complaints, "utf8").slice(-MAX_STDERR_CHARACTERS)}`,
    );
  });
  // Whoever does not wait for it learns it from its requests.
  ended.catch(() => {});
  return {
    /** Where the Worker listens. */
    url: await Promise.race([listening(child), ended]),
    /** The id of the process. */
    pid: child.pid,
    /** Rejects when the process ends, with the last of what it wrote. */
    ended,
    /** A request to a path of the Worker. */
    fetch(path, init) {
      return fetchFrom(this.url, path, init);
    },
    /** Ends it. */
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

/** The modules as workerd's configuration names them; each is a file in `folder`. */
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

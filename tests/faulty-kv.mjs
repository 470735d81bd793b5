// Wraps the built Worker (see `wrappers` of startWorker) and makes Workers KV fail on demand, for the
// Worker and for its objects, which run in one isolate and so share this setting. `PUT /__faulty-kv` sets
// how writes end from now on, and whether reads end, and `GET` returns what was recorded; see testbed.mjs.

import App, * as built from "./index.js";

const PATH = "/__faulty-kv";

const never = () => new Promise(() => {});

// How a write ends; `write` performs it.
const ENDS = {
  done: (write) => write(),
  failed: async (_, error) => {
    throw new Error(error);
  },
  /** Performed, but answered with an error. */
  lost: async (write, error) => {
    await write();
    throw new Error(error);
  },
  silent: never,
  /** Performed, but never answered. */
  "done silently": async (write) => {
    await write();
    return never();
  },
};

let setting = { end: "done" };
const seen = { writes: [], reads: [], created: [], called: [] };

/** Workers KV with writes that end as set. Reads are recorded. */
const faulty = (kv) =>
  new Proxy(kv, {
    get(target, name) {
      if (name !== "put" && name !== "delete") {
        return (...args) => {
          seen.reads.push(name);
          return setting.reads === "silent" ? never() : target[name](...args);
        };
      }
      return (key, ...rest) => {
        seen.writes.push({ at: Date.now(), operation: name, key, end: setting.end });
        return ENDS[setting.end](() => target[name](key, ...rest), setting.error);
      };
    },
  });

const withFaults = (env) =>
  new Proxy(env, {
    get: (target, name) => (name === "MAPPINGS" ? faulty(target[name]) : target[name]),
  });

const object = (name) =>
  class extends built[name] {
    constructor(state, env) {
      seen.created.push(name);
      super(state, withFaults(env));
    }

    handle(message) {
      seen.called.push(name);
      return super.handle(message);
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export class ReadApi extends built.ReadApi {
  constructor(context, env) {
    super(context, withFaults(env));
  }
}

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== PATH) return App.fetch(request, withFaults(env), context);
    if (request.method === "PUT") setting = await request.json();
    return Response.json(seen);
  },
};

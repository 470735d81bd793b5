// Wraps a Worker (see `wrappers` of startWorker) and replaces miniflare's Workers KV by one in the memory
// of the isolate. miniflare's stores each write in a file, which takes more processor time than any of
// these Workers needs for an event. This one keeps values and metadata while the isolate lives. It has no
// listing and no expiry.

import { DurableObject } from "cloudflare:workers";
import App, * as built from "./index.js";

const entries = new Map();

const valueOf = (entry, type) => {
  if (!entry) return null;
  return (type?.type ?? type) === "json" ? JSON.parse(entry.value) : entry.value;
};

const namespace = {
  get: async (key, type) => valueOf(entries.get(key), type),
  getWithMetadata: async (key, type) => {
    const entry = entries.get(key);
    return { value: valueOf(entry, type), metadata: entry?.metadata ?? null, cacheStatus: null };
  },
  put: async (key, value, { metadata = null } = {}) => void entries.set(key, { value, metadata }),
  delete: async (key) => void entries.delete(key),
};

let bindings;
const withMemoryKv = (env) => (bindings ??= { ...env, MAPPINGS: namespace });

/** A class of objects, or an unused placeholder if the Worker has no class with this name. */
const object = (name) =>
  class extends (built[name] ?? DurableObject) {
    constructor(state, env) {
      super(state, withMemoryKv(env));
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export default {
  fetch: (request, env, context) => App.fetch(request, withMemoryKv(env), context),
  queue: (batch, env, context) => App.queue(batch, withMemoryKv(env), context),
};

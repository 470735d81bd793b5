// Wraps the built Worker (see `wrapped` of dev/worker.mjs) and adds a Workers KV that accepts everything
// and keeps nothing, since workerd by itself has none. miniflare's would dominate the figures: it stores
// each write in a file, in the same thread, and delays everything else for seconds.

import App, * as built from "./index.js";

const forgetful = { put: async () => {}, delete: async () => {}, get: async () => null };

const withForgetfulKv = (env) =>
  new Proxy(env, {
    get: (target, name) => (name === "MAPPINGS" ? forgetful : target[name]),
  });

const object = (name) =>
  class extends built[name] {
    constructor(state, env) {
      super(state, withForgetfulKv(env));
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export default {
  fetch: (request, env, context) => App.fetch(request, withForgetfulKv(env), context),
};

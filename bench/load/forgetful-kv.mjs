// Stands in front of the built Worker (see `wrapped` of dev/worker.mjs) with a Workers KV that takes
// everything and keeps nothing: workerd by itself has none. miniflare's would be measured more than the
// Worker: it stores each write in files of its own, in the same thread, and has all others wait for
// seconds.

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

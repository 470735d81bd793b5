// Wraps the built Worker (see `wrappers` of startWorker) and adds jurisdictions to its bindings of
// objects, since the local runtime does not support them: each one has the same objects. `GET
// /__jurisdictions` returns which objects were looked up, and in which jurisdiction; see
// jurisdiction.test.mjs.

import App, * as built from "./index.js";

const PATH = "/__jurisdictions";

const lookups = [];

/** The objects in a jurisdiction, or without one those of the binding itself. */
const within = (objects, jurisdiction) =>
  new Proxy(objects, {
    get(target, name) {
      if (name === "jurisdiction") return (inner) => within(objects, inner);
      const value = target[name];
      if (name !== "idFromName" && name !== "idFromString")
        return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
      return (id) => {
        lookups.push({ jurisdiction, id });
        return target[name](id);
      };
    },
  });

const BINDINGS = ["INTEGRATIONS", "CUSTOMERS", "NOTIFIER"];

const watched = (env) =>
  new Proxy(env, {
    get: (target, name) => (BINDINGS.includes(name) ? within(target[name]) : target[name]),
  });

const object = (name) =>
  class extends built[name] {
    constructor(state, env) {
      super(state, watched(env));
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === PATH) return Response.json(lookups);
    return App.fetch(request, watched(env), context);
  },
};

// Stands in front of the built Worker (see `fronts` of startWorker) and gives its bindings of objects
// jurisdictions, which the local runtime does not know: each is the same objects under another name.
// `GET /__jurisdictions` tells which objects were looked for, and in which one. See stand.mjs.

import App, * as built from "./index.js";

const PATH = "/__jurisdictions";

const looked = [];

/** These objects, as a jurisdiction has them; without a name, as the binding itself does. */
const within = (objects, jurisdiction) =>
  new Proxy(objects, {
    get(target, name) {
      if (name === "jurisdiction") return (inner) => within(objects, inner);
      const value = target[name];
      if (name !== "idFromName" && name !== "idFromString")
        return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
      return (id) => {
        looked.push({ jurisdiction, id });
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
    if (new URL(request.url).pathname === PATH) return Response.json(looked);
    return App.fetch(request, watched(env), context);
  },
};

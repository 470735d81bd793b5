// Wraps the built Worker (see `wrappers` of startWorker) and shifts its clock, for the Worker and for its
// objects, which run in one isolate. Alarms run when they are due by the shifted clock. `PUT /__clock`
// sets the time from now on; see testbed.mjs. What the runtime itself measures is not shifted, such as
// the time limits of outgoing calls.

import App, * as built from "./index.js";

const PATH = "/__clock";

const realNow = Date.now.bind(Date);
let ahead = 0;
Date.now = () => realNow() + ahead;

const object = (name) =>
  class extends built[name] {
    constructor(state, env) {
      const { storage } = state;
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = (at) => setAlarm(Math.max(at - ahead, realNow() + 1));
      super(state, env);
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== PATH) return App.fetch(request, env, context);
    const { now } = await request.json();
    ahead = Date.parse(now) - realNow();
    return Response.json({ ahead });
  },
};

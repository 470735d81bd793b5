// Stands in front of the built Worker (see `fronts` of startWorker) and shifts its clock: for the Worker
// and for its objects, which live in one isolate. Alarms come when the shifted clock says so.
// `PUT /__clock` sets the time from now on; see stand.mjs. It leaves out what the runtime itself
// measures, such as the limits of time of outgoing calls.

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

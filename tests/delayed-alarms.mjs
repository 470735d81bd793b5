// Wraps the built Worker (see `wrappers` of startWorker) and delays the alarms of its objects on demand:
// they are held back after the platform has called the object but before any of its own code runs, or run
// late, as on a busy platform. `PUT /__alarms` sets how they behave from now on, and `GET` returns the
// class of each object with an alarm that was held back; see testbed.mjs. A crash resets it.

import App, * as built from "./index.js";

const PATH = "/__alarms";

const setting = { areHeld: false, lateMs: 0 };
const held = [];

const object = (name) =>
  class extends built[name] {
    constructor(state, env) {
      const { storage } = state;
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = (at) => setAlarm(Math.max(at, Date.now()) + setting.lateMs);
      super(state, env);
    }

    alarm() {
      if (!setting.areHeld) return super.alarm();
      held.push(name);
      return new Promise(() => {});
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname !== PATH) return App.fetch(request, env, context);
    if (request.method === "PUT") Object.assign(setting, await request.json());
    return Response.json({ held });
  },
};

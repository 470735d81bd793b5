// Wraps the built Worker (see `wrappers` of startWorker) and shifts its clock, for the Worker and for its
// objects, which run in one isolate. Alarms run when they are due by the shifted clock. What the runtime
// itself measures is not shifted, such as the time limits of outgoing calls.
//
// The binding CLOCK_AHEAD_MS says how far ahead the clock is at the start, by default not at all.
// `PUT /__clock` changes it:
// - `{now}` sets the time. Alarms that are already set come when they would have come.
// - `{by, objects}` lets milliseconds pass, also for the alarms of these objects: a list of ids for each
//   binding. With 0 it only looks.

import { env } from "cloudflare:workers";
import App, * as built from "./index.js";

// What has no clock of its own, such as the entrypoint for other Workers.
export * from "./index.js";

const PATH = "/__clock";

const realNow = Date.now.bind(Date);
let ahead = Number(env.CLOCK_AHEAD_MS ?? 0);
// Alarms that are running, and what else an object does after it replied.
let running = 0;
Date.now = () => realNow() + ahead;

/** Counts a promise as running until it is settled. */
function counted(promise) {
  running += 1;
  const end = () => (running -= 1);
  promise.then(end, end);
  return promise;
}

const object = (name) =>
  class extends built[name] {
    #alarmAt;
    #setAlarmAt;

    constructor(state, bindings) {
      const { storage } = state;
      const getAlarm = storage.getAlarm.bind(storage);
      const setAlarm = storage.setAlarm.bind(storage);
      const waitUntil = state.waitUntil.bind(state);
      storage.getAlarm = async () => {
        const at = await getAlarm();
        return at === null ? null : at + ahead;
      };
      storage.setAlarm = (at) => setAlarm(Math.max(at - ahead, realNow() + 1));
      state.waitUntil = (promise) => waitUntil(counted(promise));
      super(state, bindings);
      this.#alarmAt = getAlarm;
      this.#setAlarmAt = setAlarm;
    }

    alarm() {
      return counted(super.alarm());
    }

    /** Lets time pass for the alarm. Gives back in how many milliseconds it comes, null if it is not set. */
    async passTime(by) {
      const at = await this.#alarmAt();
      if (at === null) return null;
      const next = Math.max(at - by, realNow() + 1);
      if (by > 0) await this.#setAlarmAt(next);
      return next - realNow();
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

/** Lets time pass. Gives back in how many milliseconds the next alarm comes, null if none is set. */
async function passTime(by, objects) {
  ahead += by;
  const stubs = Object.entries(objects).flatMap(([binding, ids]) =>
    ids.map((id) => env[binding].get(env[binding].idFromString(id))),
  );
  const alarms = await Promise.all(stubs.map((stub) => stub.passTime(by)));
  const set = alarms.filter((at) => at !== null);
  return set.length === 0 ? null : Math.min(...set);
}

export default {
  async fetch(request, bindings, context) {
    // Only PUT, which a web page of another site cannot send.
    const isForClock = request.method === "PUT" && new URL(request.url).pathname === PATH;
    if (!isForClock) return App.fetch(request, bindings, context);
    const { now, by, objects } = await request.json();
    if (now !== undefined) ahead = Date.parse(now) - realNow();
    const next = by === undefined ? null : await passTime(by, objects);
    return Response.json({ ahead, running, next });
  },
};

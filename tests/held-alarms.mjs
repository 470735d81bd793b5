// Stands in front of the built Worker (see `fronts` of startWorker) and holds alarms back, on demand:
// the platform has called the object, and nothing of its own has run yet. `PUT /__alarms` sets whether
// they are held from now on, `GET` tells which objects' were; see stand.mjs. A crash ends it.

import App, * as built from "./index.js";

const PATH = "/__alarms";

let areHeld = false;
const held = [];

const object = (name) =>
  class extends built[name] {
    alarm() {
      if (!areHeld) return super.alarm();
      held.push(name);
      return new Promise(() => {});
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

export default class extends App {
  async fetch(request) {
    if (new URL(request.url).pathname !== PATH) return super.fetch(request);
    if (request.method === "PUT") areHeld = true;
    return Response.json({ held });
  }
}

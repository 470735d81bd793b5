// Stands in front of the built Worker (see `fronts` of startWorker) and counts what Cloudflare would
// bill: for the Worker and for its objects, which live in one isolate. `GET /__operations` tells the
// counts since the last `DELETE`, and whether anything is still under way; see stand.mjs.
//
// Rows are those that SQLite itself counted, as a cursor tells them. An alarm that is set is billed as
// a row written, and no cursor tells of it: it stands in a count of its own. What a runtime on this
// machine can't know is left out: CPU time, and how long an object stays in memory.

import App, * as built from "./index.js";

const PATH = "/__operations";

/** An alarm that is set further ahead belongs to another day's work. */
const AHEAD_MS = 60_000;

/** Counts by who did it: the class of an object, or the Worker. */
let counts = {};
let underWay = 0;

const count = (who, kind, by = 1) => {
  const of = (counts[who] ??= {});
  of[kind] = (of[kind] ?? 0) + by;
};

/** Something is under way until it has ended. */
async function during(work) {
  underWay += 1;
  try {
    return await work();
  } finally {
    underWay -= 1;
  }
}

/** The same object, some of whose members are others. */
const instead = (whole, members) =>
  new Proxy(whole, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return members[name];
      const value = target[name];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });

/** Workers KV. A read of several keys at once is one. */
const KV_KINDS = {
  get: "kvReads",
  getWithMetadata: "kvReads",
  put: "kvWrites",
  delete: "kvDeletes",
  list: "kvLists",
};

const countedKv = (who, kv) => {
  const call = ([name, kind]) => [
    name,
    (...args) => {
      count(who, kind);
      return during(() => kv[name](...args));
    },
  ];
  return instead(kv, Object.fromEntries(Object.entries(KV_KINDS).map(call)));
};

/** The objects of a class. What is asked of them they count themselves; it is under way from here on. */
const watchedObjects = (objects) =>
  instead(objects, {
    get(id, options) {
      const stub = objects.get(id, options);
      return instead(stub, { fetch: (...args) => during(() => stub.fetch(...args)) });
    },
  });

/** A message of a queue is written, read and deleted; a retry would be one more. */
const OF_A_MESSAGE = 3;

const countedQueue = (who, queue) =>
  instead(queue, {
    send(...args) {
      count(who, "queueOperations", OF_A_MESSAGE);
      return during(() => queue.send(...args));
    },
    sendBatch(messages, ...rest) {
      const all = [...messages];
      count(who, "queueOperations", OF_A_MESSAGE * all.length);
      return during(() => queue.sendBatch(all, ...rest));
    },
  });

function countedBinding(who, binding) {
  if (typeof binding?.idFromName === "function") return watchedObjects(binding);
  if (typeof binding?.getWithMetadata === "function") return countedKv(who, binding);
  if (typeof binding?.sendBatch === "function") return countedQueue(who, binding);
  return binding;
}

const counted = (who, env) =>
  new Proxy(env, { get: (target, name) => countedBinding(who, target[name]) });

/** Requests that leave the Worker, whoever sends them. */
const realFetch = globalThis.fetch;
globalThis.fetch = (...args) => {
  count("outside", "outgoing");
  return during(() => realFetch(...args));
};

/** When the alarm of each object that has one will come. */
const alarms = new Map();

/** Cursors of statements; each counts on until it was read to its end, which is before the next one. */
const cursors = [];

function countRows() {
  for (const { who, cursor } of cursors.splice(0)) {
    count(who, "rowsRead", cursor.rowsRead);
    count(who, "rowsWritten", cursor.rowsWritten);
  }
}

function countStorage(who, storage, id) {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  sql.exec = (...args) => {
    countRows();
    const cursor = exec(...args);
    cursors.push({ who, cursor });
    return cursor;
  };
  const setAlarm = storage.setAlarm.bind(storage);
  storage.setAlarm = (at, ...rest) => {
    count(who, "alarmsSet");
    alarms.set(id, Number(at));
    return setAlarm(at, ...rest);
  };
  const deleteAlarm = storage.deleteAlarm.bind(storage);
  storage.deleteAlarm = (...args) => {
    count(who, "alarmsDeleted");
    alarms.delete(id);
    return deleteAlarm(...args);
  };
}

const object = (name) =>
  class extends built[name] {
    #id;

    constructor(state, env) {
      const id = state.id.toString();
      countStorage(name, state.storage, id);
      super(state, counted(name, env));
      this.#id = id;
    }

    fetch(request) {
      count(name, "requests");
      return during(() => super.fetch(request));
    }

    alarm(info) {
      count(name, "alarms");
      alarms.delete(this.#id);
      return during(() => super.alarm(info));
    }
  };

export const Customer = object("Customer");
export const Integration = object("Integration");
export const Notifier = object("Notifier");

function report() {
  countRows();
  const soon = [...alarms.values()].some((at) => at < Date.now() + AHEAD_MS);
  return Response.json({ counts, isQuiet: underWay === 0 && !soon });
}

function forget() {
  countRows();
  counts = {};
  return new Response(null, { status: 204 });
}

export default class extends App {
  constructor(context, env) {
    super(context, counted("Worker", env));
  }

  async fetch(request) {
    if (new URL(request.url).pathname === PATH)
      return request.method === "DELETE" ? forget() : report();
    count("Worker", "requests");
    return during(() => super.fetch(request));
  }
}

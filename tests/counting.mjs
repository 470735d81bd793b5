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
      // A constructor that is bound has another name.
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
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

/** An object, of which each call is a request. */
const countedObject = (stub, of) =>
  new Proxy(stub, {
    get:
      (target, name) =>
      (...args) => {
        count(of, "requests");
        return during(() => target[name](...args));
      },
  });

const countedObjects = (objects, of) =>
  instead(objects, {
    get: (...args) => countedObject(objects.get(...args), of),
    getByName: (...args) => countedObject(objects.getByName(...args), of),
  });

/** A message of a queue is written, read and deleted; a retry would be one more. */
const OF_A_MESSAGE = 3;

const countedQueue = (who, queue) =>
  instead(queue, {
    send(...args) {
      count(who, "queueOperations", OF_A_MESSAGE);
      // Until the consumer has it.
      underWay += 1;
      return queue.send(...args);
    },
  });

/** The classes of the objects of each binding. */
const CLASSES = { INTEGRATIONS: "Integration", CUSTOMERS: "Customer", NOTIFIER: "Notifier" };

function countedBinding(who, name, binding) {
  if (CLASSES[name]) return binding && countedObjects(binding, CLASSES[name]);
  if (typeof binding?.getWithMetadata === "function") return countedKv(who, binding);
  if (typeof binding?.sendBatch === "function") return countedQueue(who, binding);
  return binding;
}

const counted = (who, env) =>
  new Proxy(env, { get: (target, name) => countedBinding(who, name, target[name]) });

/** The context of a request; what goes on after the answer is under way. */
const watched = (context) =>
  instead(context, { waitUntil: (work) => context.waitUntil(during(() => work)) });

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

/** A class of objects that counts; an entry that does nothing where the Worker has none of this name. */
function object(name) {
  const Built = built[name];
  if (!Built) return {};
  return class extends Built {
    #id;

    constructor(state, env) {
      const id = state.id.toString();
      countStorage(name, state.storage, id);
      super(state, counted(name, env));
      this.#id = id;
    }

    alarm(info) {
      count(name, "alarms");
      alarms.delete(this.#id);
      return during(() => super.alarm(info));
    }
  };
}

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

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === PATH)
      return request.method === "DELETE" ? forget() : report();
    count("Worker", "requests");
    return during(() => App.fetch(request, counted("Worker", env), watched(context)));
  },

  async queue(batch, env, context) {
    await during(() => App.queue(batch, counted("Worker", env), context));
    underWay -= batch.messages.length;
  },
};

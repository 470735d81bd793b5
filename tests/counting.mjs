// Wraps the built Worker (see `wrappers` of startWorker) and counts what Cloudflare would bill, for the
// Worker and for its objects, which run in one isolate. `GET /__operations` returns the counts since the
// last `DELETE`, and whether anything is still in progress; see bench/operations/meter.mjs.
//
// Rows of key-value storage are counted by call, and rows of SQL (which the peers use) by SQLite itself:
// they are read from its cursors. Setting an alarm is billed as a row
// written, but no cursor reports it, so alarms have their own count. What a local runtime can't know is
// not counted: CPU time, and how long an object stays in memory.

import App, * as built from "./index.js";

const PATH = "/__operations";

/** An alarm that is set further ahead than this belongs to another day's work. */
const AHEAD_MS = 60_000;

/** Counts by what they belong to: the class of an object, or the Worker. */
let counts = {};
let inProgress = 0;

const count = (who, kind, by = 1) => {
  const of = (counts[who] ??= {});
  of[kind] = (of[kind] ?? 0) + by;
};

/** Counts work as in progress until it has ended. */
async function during(work) {
  inProgress += 1;
  try {
    return await work();
  } finally {
    inProgress -= 1;
  }
}

/** The same object with some members replaced. */
const withMembers = (whole, members) =>
  new Proxy(whole, {
    get(target, name) {
      if (Object.hasOwn(members, name)) return members[name];
      const value = target[name];
      // A bound constructor would have another name.
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
  });

/** Operations of Workers KV. A read of several keys at once counts as one. */
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
  return withMembers(kv, Object.fromEntries(Object.entries(KV_KINDS).map(call)));
};

/** An object. Each call of it counts as a request. */
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
  withMembers(objects, {
    get: (...args) => countedObject(objects.get(...args), of),
    getByName: (...args) => countedObject(objects.getByName(...args), of),
  });

/** A message of a queue is written, read and deleted; a retry would be one more operation. */
const OPERATIONS_PER_MESSAGE = 3;

const countedQueue = (who, queue) =>
  withMembers(queue, {
    send(...args) {
      count(who, "queueOperations", OPERATIONS_PER_MESSAGE);
      // In progress until the consumer has it.
      inProgress += 1;
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

/** The context of a request. Work that continues after the response counts as in progress. */
const watched = (context) =>
  withMembers(context, { waitUntil: (work) => context.waitUntil(during(() => work)) });

/** Outgoing requests, whether the Worker or an object sends them. */
const realFetch = globalThis.fetch;
globalThis.fetch = (...args) => {
  count("outside", "outgoing");
  return during(() => realFetch(...args));
};

/** When the alarm of each object is due, by the object's id. */
const alarms = new Map();

/** Calls of an object's key-value storage, with the rows that each is billed for. */
const rowsOf = {
  get: () => ["rowsRead", 1],
  put: () => ["rowsWritten", 1],
  delete: () => ["rowsWritten", 1],
  list: (rows) => ["rowsRead", Math.max(rows.length, 1)],
};

function countedRows(who, rows) {
  const call = ([name, billed]) => [
    name,
    (...args) => {
      const result = rows[name](...args);
      const given = name === "list" ? [...result] : result;
      count(who, ...billed(given));
      return given;
    },
  ];
  return withMembers(rows, Object.fromEntries(Object.entries(rowsOf).map(call)));
}

/** Cursors of statements. Each keeps counting until it is read to its end, before the next statement. */
/** Cursors of statements. Each keeps counting until it is read to its end, before the next statement. */
const cursors = [];

function countRows() {
  for (const { who, cursor } of cursors.splice(0)) {
    count(who, "rowsRead", cursor.rowsRead);
    count(who, "rowsWritten", cursor.rowsWritten);
  }
}

function countStorage(who, storage, id) {
  Object.defineProperty(storage, "kv", { value: countedRows(who, storage.kv) });
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

/** A class of objects that counts, or an empty placeholder if the Worker has no class with this name. */
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
  return Response.json({ counts, isQuiet: inProgress === 0 && !soon });
}

function reset() {
  countRows();
  counts = {};
  return new Response(null, { status: 204 });
}

export default {
  async fetch(request, env, context) {
    if (new URL(request.url).pathname === PATH)
      return request.method === "DELETE" ? reset() : report();
    count("Worker", "requests");
    return during(() => App.fetch(request, counted("Worker", env), watched(context)));
  },

  async queue(batch, env, context) {
    await during(() => App.queue(batch, counted("Worker", env), context));
    inProgress -= batch.messages.length;
  },
};

// The platform's calls, each in one function, so that each is one crossing between WebAssembly and
// JavaScript and at most one awaited promise. Nothing is decided here: what an answer means is judged
// in Rust (platform.rs says what each function gives back).
//
// A call that leaves the object never rejects. It comes to `undefined` when its time is over.

/** Runs a call that takes an AbortSignal, for at most `limit` milliseconds. */
async function within(limit, call) {
  const abort = new AbortController();
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
      abort.abort();
    }, limit);
  });
  try {
    return await Promise.race([call(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Instances of the module: worker-build's entry makes its objects anew when there is another. */

const instances = { criticalError: false, instanceId: 0 };

export const instanceState = () => instances;

// A panic ends the instance with all that it had under way. Whoever waits for that would wait for
// ever, so each is told: an object or an alarm by a rejection, a sender with an answer. That can only
// be given from within the sender's own request, so it is when the call comes back that it waited for.

const underWay = new Set();
let answersAfterPanic;

export function begin(isAnswered) {
  const work = { ...Promise.withResolvers(), isAnswered, isLost: false, isDelivery: false };
  underWay.add(work);
  return work;
}

export const promiseOf = (work) => work.promise;

export function end(work, value) {
  underWay.delete(work);
  work.resolve(value);
}

export function fail(work, error) {
  underWay.delete(work);
  work.reject(error);
}

/** A new instance begins. A panic in it is answered with `status` and `headers`, and one of the bodies. */
export function beginInstance(status, headers, delivery, other) {
  instances.instanceId += 1;
  answersAfterPanic = { status, headers, delivery, other };
}

/** The instance is lost. */
export function endInstance() {
  for (const work of underWay) {
    if (work.isAnswered) work.isLost = true;
    else work.reject(new Error("panic"));
  }
  underWay.clear();
}

/** A call came back to `work`, if that is given. */
function cameBack(work) {
  if (!work?.isLost) return;
  const { status, headers, delivery, other } = answersAfterPanic;
  work.resolve(respond(status, headers, work.isDelivery ? delivery : other));
}

/** The settings and bindings. */

// A number in wrangler.toml arrives as one.
export const setting = (env, name) =>
  ["string", "number", "boolean"].includes(typeof env[name]) ? String(env[name]) : undefined;

export const isBound = (env, name) => typeof env[name] === "object" && env[name] !== null;

/** Requests and responses. */

export function headOf({ method, url, headers }, work) {
  const { pathname, search } = new URL(url);
  work.isDelivery = pathname.startsWith("/webhooks/");
  const signature = headers.get("x-kombo-signature");
  const length = headers.get("content-length");
  return [method, pathname, signature, length, search.slice(1), headers.get("authorization")];
}

/** The first chunks of a body, `limit` bytes at most; the rest is not waited for. */
async function begun(body, limit) {
  const chunks = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    if (length + chunk.length > limit) return { chunks, length, isWhole: false };
    length += chunk.length;
    chunks.push(chunk);
  }
  return { chunks, length, isWhole: true };
}

function joined({ chunks, length }) {
  if (chunks.length === 1) return chunks[0];
  const body = new Uint8Array(length);
  let end = 0;
  for (const chunk of chunks) {
    body.set(chunk, end);
    end += chunk.length;
  }
  return body;
}

/** The body, unless it is longer than `limit` bytes (`undefined`) or breaks off (`null`). */
export async function bodyOf(request, limit, work) {
  try {
    const body = await begun(request.body, limit);
    return body.isWhole ? joined(body) : undefined;
  } catch {
    return null;
  } finally {
    cameBack(work);
  }
}

/** `headers` are names and values by turns. */
export function respond(status, headers, body) {
  const pairs = [];
  for (let at = 0; at < headers.length; at += 2) pairs.push([headers[at], headers[at + 1]]);
  return new Response(body, { status, headers: pairs });
}

/** Objects: what they are told, their rows and their alarm. */

// What an object answers that knows nothing (Reply::Document): said for an id that is none of ours.
const NO_DOCUMENT = '{"document":null}';

/** The objects of a binding: those in a jurisdiction, unless that is empty. */
function objectsOf(env, binding, jurisdiction) {
  return jurisdiction === "" ? env[binding] : env[binding].jurisdiction(jurisdiction);
}

/** The id of the object of this name. Where an id is given for the name, it is that, if it is one of ours. */
function idOf(objects, name) {
  if (!/^[0-9a-f]{64}$/.test(name)) return objects.idFromName(name);
  // A binding that is missing is no answer.
  if (objects === undefined) throw new TypeError("the binding is missing");
  try {
    return objects.idFromString(name);
  } catch {
    return undefined;
  }
}

// The host is never looked up. Ids travel in the body, since URLs are logged.
export async function tell(env, binding, jurisdiction, name, letter, limit, work) {
  const call = async (signal) => {
    const objects = objectsOf(env, binding, jurisdiction);
    const id = idOf(objects, name);
    if (id === undefined) return NO_DOCUMENT;
    const object = objects.get(id);
    const answer = await object.fetch("https://object/", { method: "POST", body: letter, signal });
    const body = await answer.text();
    return answer.status === 200 ? body : null;
  };
  try {
    return await within(limit, call);
  } catch {
    return null;
  } finally {
    cameBack(work);
  }
}

/** The text of a letter, and when the object's alarm comes if it is to be asked for that, else null. */
export async function letterOf(request, storage, isAlarmAsked) {
  return [await request.text(), isAlarmAsked ? await storage.getAlarm() : null];
}

/** The cells of what queries find, one row after the other: `queries` is JSON as `commit` takes it. */
export const select = (storage, queries) => {
  const cells = [];
  for (const [statement, ...bindings] of JSON.parse(queries)) {
    for (const row of storage.sql.exec(statement, ...bindings).raw()) cells.push(...row);
  }
  return cells;
};

export const execute = (storage, statement, bindings) => {
  storage.sql.exec(statement, ...bindings);
};

/** Runs statements, each with its bindings, in one transaction: `writes` is their JSON. */
export const commit = (storage, writes) => {
  storage.transactionSync(() => {
    for (const [statement, ...bindings] of JSON.parse(writes)) {
      storage.sql.exec(statement, ...bindings);
    }
  });
};

export const earliest = (storage, statement) => storage.sql.exec(statement).raw().next().value[0];

export const setAlarm = (storage, at) => storage.setAlarm(at);

export const deleteAlarm = (storage) => storage.deleteAlarm();

/** Workers KV. Comes to the empty text when it is done, and to the error's text when it failed. */
export function project(env, binding, key, value, metadata, limit) {
  const call = async () => {
    if (value === undefined) await env[binding].delete(key);
    else await env[binding].put(key, value, { metadata: metadata && JSON.parse(metadata) });
    return "";
  };
  return within(limit, call).catch((error) => `failed: ${error}`);
}

/** Compares what a key has with a text. */
export function compare(env, binding, key, value, limit) {
  const call = async () => ((await env[binding].get(key)) === value ? "" : "differs");
  return within(limit, call).catch((error) => `failed: ${error}`);
}

/** A page of keys and their metadata: the cursor or "", then keys and JSON by turns. */
export function list(env, binding, prefix, cursor, most, limit) {
  const call = async () => {
    const page = await env[binding].list({ prefix, cursor, limit: most });
    const keys = page.keys.flatMap(({ name, metadata }) => [
      name,
      JSON.stringify(metadata ?? null),
    ]);
    return [page.list_complete ? "" : page.cursor, ...keys];
  };
  return within(limit, call).catch((error) => `failed: ${error}`);
}

// An answer may have no end. Kombo's longest, which lists every field of a tool, are far shorter.
const MOST_ANSWERED = 1024 * 1024;

/** A call that follows no redirect, since a redirect is an answer: status, body, Retry-After. */
function call(url, request, limit) {
  const called = async (signal) => {
    const answer = await fetch(url, { ...request, redirect: "manual", signal });
    const text = new TextDecoder().decode(joined(await begun(answer.body, MOST_ANSWERED)));
    return [answer.status, text, answer.headers.get("retry-after")];
  };
  return within(limit, called).catch(() => null);
}

export function post(url, payload, limit) {
  const headers = { "content-type": "application/json" };
  return call(url, { method: "POST", headers, body: payload }, limit);
}

export const ask = (url, authorization, limit) => call(url, { headers: { authorization } }, limit);

/** Lets something go on after the answer, and never fail it. */
export const goOn = (context, promise) => context.waitUntil(promise.catch(() => {}));

/** The log. */

export const log = (line) => console.log(line);

export const logError = (line) => console.error(line);

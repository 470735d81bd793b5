// The platform's calls, each in one function, so that each is one crossing between WebAssembly and
// JavaScript and at most one awaited promise. Nothing is decided here: what an answer means is judged
// in Rust (platform.rs says what each function gives back).
//
// A call that leaves the object never rejects. It comes to `undefined` when its time is over.

/** Waits for something for at most `limit` milliseconds. `onLate` is called when they are over. */
async function within(limit, promise, onLate = () => {}) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
      onLate();
    }, limit);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The present instance of the module; see worker.js. */
export const instance = { number: 0, isLost: false };

// The end of an instance is that of all that it had under way. Whoever waits for that would wait for
// ever, so each is told: an alarm by a rejection, a sender with an answer. That can only be given from
// within the sender's own request, so it is when the call comes back that it waited for.

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

/** A new instance begins. Its end is answered with `status` and `headers`, and one of the bodies. */
export function beginInstance(status, headers, delivery, other) {
  instance.number += 1;
  instance.isLost = false;
  answersAfterPanic = { status, headers, delivery, other };
}

/** The instance is lost. */
export function endInstance() {
  instance.isLost = true;
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
  const length = headers.get("content-length");
  work.isDelivery = pathname.startsWith("/webhooks/");
  work.length = length === null ? NaN : Number(length);
  const signature = headers.get("x-kombo-signature");
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
    // HTTP gives no more than was announced, so one promise will do, where a stream takes several.
    if (work.length <= limit) return new Uint8Array(await request.arrayBuffer());
    const body = await begun(request.body, limit);
    return body.isWhole ? joined(body) : undefined;
  } catch {
    return null;
  } finally {
    cameBack(work);
  }
}

// There are few: each is taken apart once, since the platform copies its own headers fastest.
const known = new Map();

function headersOf(text) {
  if (!known.has(text)) {
    const headers = new Headers();
    for (const [, name, value] of text.matchAll(/^(.+?): (.*)$/gm)) headers.append(name, value);
    known.set(text, headers);
  }
  return known.get(text);
}

/** `headers` has a line for each, as HTTP writes them. */
export const respond = (status, headers, body) =>
  new Response(body, { status, headers: headersOf(headers) });

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

/** Comes to the answer of an object to a letter, to null when it failed or had none. */
export async function tell(env, binding, jurisdiction, name, letter, limit, work) {
  try {
    const objects = objectsOf(env, binding, jurisdiction);
    const id = idOf(objects, name);
    if (id === undefined) return NO_DOCUMENT;
    return await within(limit, objects.get(id).hear(letter));
  } catch {
    return null;
  } finally {
    cameBack(work);
  }
}

/** The cells of what queries find, one row after the other: `queries` is JSON as `commit` takes it. */
export const select = (storage, queries) => {
  const cells = [];
  for (const [statement, ...bindings] of JSON.parse(queries)) {
    for (const row of storage.sql.exec(statement, ...bindings).raw()) cells.push(...row);
  }
  return cells;
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

// An alarm is a write like any other: nothing leaves the object before it is on disk, and when it
// fails the object is started anew. So nobody waits for it.
const unawaited = (promise) => void promise.catch(() => {});

export const setAlarm = (storage, at) => unawaited(storage.setAlarm(at));

export const deleteAlarm = (storage) => unawaited(storage.deleteAlarm());

/** Workers KV. Comes to the empty text when it is done, and to the error's text when it failed. */
export function project(env, binding, key, value, metadata, limit) {
  const call = async () => {
    if (value === undefined) await env[binding].delete(key);
    else await env[binding].put(key, value, { metadata: metadata && JSON.parse(metadata) });
    return "";
  };
  return within(limit, call()).catch((error) => `failed: ${error}`);
}

/** Compares what a key has with a text. */
export function compare(env, binding, key, value, limit) {
  const call = async () => ((await env[binding].get(key)) === value ? "" : "differs");
  return within(limit, call()).catch((error) => `failed: ${error}`);
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
  return within(limit, call()).catch((error) => `failed: ${error}`);
}

// An answer may have no end. Kombo's longest, which lists every field of a tool, are far shorter.
const MOST_ANSWERED = 1024 * 1024;

/** A call that follows no redirect, since a redirect is an answer: status, body, Retry-After. */
function call(url, request, limit) {
  const abort = new AbortController();
  const called = async () => {
    const { signal } = abort;
    const answer = await fetch(url, { ...request, redirect: "manual", signal });
    const text = new TextDecoder().decode(joined(await begun(answer.body, MOST_ANSWERED)));
    return [answer.status, text, answer.headers.get("retry-after")];
  };
  return within(limit, called(), () => abort.abort()).catch(() => null);
}

export function post(url, payload, limit) {
  const headers = { "content-type": "application/json" };
  return call(url, { method: "POST", headers, body: payload }, limit);
}

export const ask = (url, authorization, limit) => call(url, { headers: { authorization } }, limit);

/** Tells an object something when the answer to a request has left: nobody waits for it. */
export const tellLater = (context, ...letter) =>
  context.waitUntil(scheduler.wait(1).then(() => tell(...letter)));

/** The log. */

export const log = (line) => console.log(line);

export const logError = (line) => console.error(line);

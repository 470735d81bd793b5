// The three ways to read: a KV binding, a service binding, HTTP. Each returns documents, null for what
// does not exist, and throws a KomboEdgeError. Which of them is asked, and when, is decided in index.js.

import { errorOf, problemIn, RequestError, UnavailableError } from "./errors.js";

/** How many seconds a data center may cache a key. Workers KV allows no less. */
const CACHE_SECONDS = 30;

/** What the runtime says of a binding to another entrypoint. */
const NO_METHOD = /does not implement the method/;
const WITHOUT_ENTRYPOINT = 'the service binding needs `entrypoint = "ReadApi"`';

/** Workers KV: the namespace that kombo-edge writes. */
export function fromKv(namespace, timeoutMs) {
  const get = (key) => namespace.get(key, { type: "json", cacheTtl: CACHE_SECONDS });
  const attempt = (call) =>
    within(timeoutMs, call).catch((cause) => {
      throw new UnavailableError("Workers KV does not answer", { cause });
    });
  return {
    customer: (originId) => attempt(() => get(`customer:${originId}`)),
    integration: (id) => attempt(() => get(`integration:${id}`)),
    async customers({ limit, cursor }) {
      const page = await attempt(() => namespace.list({ prefix: "customer:", limit, cursor }));
      const customers = page.keys.map(({ name, metadata }) => ({
        origin_id: name.slice("customer:".length),
        ...metadata,
      }));
      return { customers, cursor: page.list_complete ? null : page.cursor };
    },
  };
}

/** A service binding to the entrypoint `ReadApi` of kombo-edge. */
export function fromService(binding, timeoutMs) {
  const attempt = (call) =>
    within(timeoutMs, call).catch((cause) => {
      // All that every caller gets of an error is its message, which has the type of the problem.
      const code = problemIn(String(cause?.message));
      if (NO_METHOD.test(cause?.message)) throw new RequestError(WITHOUT_ENTRYPOINT, { cause });
      if (code === null) throw new UnavailableError("kombo-edge does not answer", { cause });
      throw errorOf(code, `kombo-edge answered: ${cause.message.split(": ").pop()}`, { cause });
    });
  return {
    customer: (originId) => attempt(() => binding.customer(originId)),
    integration: (id) => attempt(() => binding.integration(id)),
    customers: (page) => attempt(() => binding.customers(page)),
  };
}

/** The read routes of kombo-edge, with a token. */
export function fromHttp({ url, token, fetch }, timeoutMs) {
  const init = () => ({
    headers: { authorization: `Bearer ${token}` },
    // Otherwise the answer of another server would count.
    redirect: "manual",
    signal: AbortSignal.timeout(timeoutMs),
  });
  const get = (path) => answerOf(() => fetch(String(new URL(`/v1/${path}`, url)), init()));
  return {
    customer: (originId) => get(`customers/${encoded(originId)}`),
    integration: (id) => get(`integrations/${encoded(id)}`),
    customers: ({ limit, cursor }) =>
      get(`customers?${new URLSearchParams({ limit, cursor: cursor ?? "" })}`),
  };
}

/** An id as a path has it. What cannot be encoded becomes U+FFFD, as everywhere in HTTP. */
const encoded = (id) => encodeURIComponent(id.toWellFormed());

/** The document in a response; null if kombo-edge says that there is none. */
async function answerOf(request) {
  let response, text;
  try {
    response = await request();
    text = await response.text();
  } catch (cause) {
    throw new UnavailableError("kombo-edge does not answer", { cause });
  }
  const body = parsed(text);
  if (response.ok && body !== undefined) return body;
  const code = problemIn(String(body?.type));
  // Any server has pages that do not exist. Only kombo-edge can say that a customer does not.
  if (code === "nothing") return null;
  const message = `kombo-edge answered ${response.status}${code ? `: ${body.detail}` : ""}`;
  const isTemporary = response.ok || response.status === 429 || response.status >= 500;
  if (code === null && isTemporary) throw new UnavailableError(message);
  throw errorOf(code, message);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a call comes to, unless it takes longer. */
async function within(timeoutMs, call) {
  const late = Promise.withResolvers();
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    return await Promise.race([call(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

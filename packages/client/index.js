// Which integration belongs to which customer, from kombo-edge: over Workers KV, a service binding or
// HTTP, with one interface. Workers KV is fast, but may be a minute old, and it also caches that a key
// does not exist. So a yes from KV is used, and the object that stores the data is asked before a no.
// Changing anything is left out: it needs the HTTP API.

import { Revisions } from "./revisions.js";
import { fromHttp, fromKv, fromService } from "./sources.js";

export { AccessError, KomboEdgeError, RequestError, UnavailableError } from "./errors.js";

const TIMEOUT_MS = 5_000;
const PAGE_SIZE = 1_000;

/** A client. See index.d.ts for the options. */
export function createClient(options) {
  const { kv, onKvError = () => {}, timeoutMs = TIMEOUT_MS } = options;
  const near = kv && fromKv(kv, timeoutMs);
  const objects = objectsOf(options, timeoutMs);
  if (near === undefined && objects === undefined) {
    throw new TypeError("createClient needs `kv`, `service`, or `url` and `token`");
  }
  const revisions = new Revisions();

  /** The document of an id: from KV if it is a yes, otherwise from the object. */
  async function find(kind, id, isYes) {
    if (typeof id !== "string") throw new TypeError(`the id of the ${kind} must be a string`);
    const key = `${kind}:${id}`;
    if (near !== undefined) {
      const found = await fromNear(kind, id);
      const newest = found && revisions.newest(key, found);
      if (objects === undefined || (newest && isYes(newest))) return newest;
    }
    return revisions.keep(key, await objects[kind](id));
  }

  /** What KV has; null if it fails and the object can be asked. */
  async function fromNear(kind, id) {
    try {
      return await near[kind](id);
    } catch (error) {
      if (objects === undefined) throw error;
      // Workers KV has had outages of hours. The object still answers.
      onKvError(error);
      return null;
    }
  }

  return {
    customer: (originId) => find("customer", originId, () => true),

    integration: (id) => find("integration", id, ({ origin_id }) => origin_id !== null),

    async current(originId, category) {
      const isUsable = (customer) => currentOf(customer, category)?.usable === true;
      return currentOf(await find("customer", originId, isUsable), category);
    },

    async *customers({ pageSize = PAGE_SIZE } = {}) {
      let cursor = null;
      do {
        // A page may have fewer entries than requested, even none. Only a null cursor means the end.
        const page = await (near ?? objects).customers({ limit: pageSize, cursor });
        yield* page.customers;
        cursor = page.cursor;
      } while (cursor !== null);
    },
  };
}

/** The integration that a customer uses in a category; null if it has connected none. */
const currentOf = (customer, category) =>
  customer?.integrations.find(({ id }) => id === customer.current[category]) ?? null;

/** The way to the objects; undefined if there is none. */
function objectsOf({ service, url, token, fetch }, timeoutMs) {
  if (service !== undefined) return fromService(service, timeoutMs);
  if (url === undefined) return undefined;
  if (!token) throw new TypeError("`url` needs a `token`");
  const { protocol, hostname } = new URL(url);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol !== "https:" && !isLocal) {
    throw new TypeError("`url` must be https, so that the token is not sent in the clear");
  }
  // Looked up with each call, because tests and monitoring replace it.
  const send = fetch ?? ((...request) => globalThis.fetch(...request));
  return fromHttp({ url, token, fetch: send }, timeoutMs);
}

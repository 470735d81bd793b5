// The part of Cloudflare's REST API that the commands use: the list of a deployment's objects. There is
// no other list, since objects know each other by name and Workers KV may be empty.

import { NOTHING, addressOf } from "./api.mjs";
import { forEach } from "./batch.mjs";
import { Stop } from "./project.mjs";
import { workerAt } from "./worker-name.mjs";

const API = "https://api.cloudflare.com/client/v4";
const PAGE = 1_000;

/** Options of every command that lists objects. */
export const cloudflareOptions = {
  worker: { value: "name", about: "the Worker's name; default: that of the Worker at the URL" },
  account: { value: "id", about: "default: CLOUDFLARE_ACCOUNT_ID" },
};

export const cloudflareNotes = `CLOUDFLARE_API_TOKEN must be a token that may read Workers scripts.`;

const CLASSES = ["Integration", "Customer", "Notifier"];

/** The name of the Worker at a URL, which must be the one that was given, if the URL says so. */
function nameOf({ url, worker }) {
  const address = addressOf(url);
  const found = workerAt(address);
  if (found && worker && found !== worker)
    throw new Stop(
      `${address.origin} is the Worker "${found}", but --worker says "${worker}". Correct one of them.`,
    );
  if (found ?? worker) return found ?? worker;
  throw new Stop(
    `Which Worker is at ${address.origin}? Pass --worker with its name at Cloudflare.`,
  );
}

/**
 * The objects of a deployment that have stored something, as `{ className, id }`. Rejects with a Stop.
 * CLOUDFLARE_API_BASE_URL replaces the URL of the API, as it does for wrangler.
 */
export async function* objects({ url, worker: given, account } = {}) {
  const worker = nameOf({ url, worker: given });
  const accountId = account ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  if (!accountId) throw new Stop("Which account? Pass --account, or set CLOUDFLARE_ACCOUNT_ID.");
  const namespaces = `/accounts/${accountId}/workers/durable_objects/namespaces`;
  const found = [];
  for await (const one of byPageNumber(namespaces)) if (one.script === worker) found.push(one);
  for (const className of CLASSES) {
    const namespace = found.find((one) => one.class === className);
    if (!namespace) throw new Stop(`The Worker "${worker}" has no objects of class ${className}.`);
    for await (const { id, hasStoredData } of byCursor(`${namespaces}/${namespace.id}/objects`))
      if (hasStoredData !== false) yield { className, id };
  }
}

/**
 * Calls `act` for each object. If some fail, rejects with a Stop that ends in `remedy`. An object that
 * has stored nothing except its table does not count as failed. If the Worker knows none of them, they
 * belong to another Worker.
 */
export async function forEveryObject(all, act, remedy) {
  const failed = await forEach(all, "objects", act);
  const missed = failed.filter(({ error }) => error.type !== NOTHING);
  if (all.length > 0 && failed.length === all.length && missed.length === 0)
    throw new Stop(
      "The Worker at the URL knows none of these objects: they belong to another one. Check --url, --worker and --account.",
    );
  for (const { item, error } of missed)
    console.error(`${item.className} ${item.id}: ${error.message}`);
  if (missed.length > 0)
    throw new Stop(`${missed.length} of ${all.length} objects failed${remedy}`);
}

async function* byPageNumber(path) {
  for (let page = 1; ; page += 1) {
    const { result } = await get(path, { page, per_page: PAGE });
    yield* result;
    if (result.length < PAGE) return;
  }
}

async function* byCursor(path) {
  let cursor;
  do {
    const { result, result_info: info } = await get(path, {
      limit: PAGE,
      ...(cursor && { cursor }),
    });
    yield* result;
    cursor = info?.cursors?.after ?? info?.cursor;
    if (result.length === 0) return;
  } while (cursor);
}

async function get(path, query) {
  const token = process.env.CLOUDFLARE_API_TOKEN;
  if (!token) throw new Stop("A Cloudflare API token is required: set CLOUDFLARE_API_TOKEN.");
  const url = `${process.env.CLOUDFLARE_API_BASE_URL ?? API}${path}?${new URLSearchParams(query)}`;
  let response;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  } catch (error) {
    throw new Stop(`Cloudflare's API could not be reached: ${error.cause?.code ?? error.message}`);
  }
  const body = await response.json().catch(() => undefined);
  if (response.ok && body?.success) return body;
  const why = body?.errors?.map(({ message }) => message).join("; ");
  throw new Stop(`Cloudflare's API answered ${response.status}${why ? `: ${why}` : ""}.`);
}

// Cloudflare's REST API, as far as the commands need it: the objects of a deployment. Its list is the
// only one there is, since objects know each other by name and Workers KV may be empty.

import { readFileSync } from "node:fs";
import { NOTHING } from "./api.mjs";
import { forEach } from "./batch.mjs";
import { inProject, Stop } from "./project.mjs";

const API = "https://api.cloudflare.com/client/v4";
const PAGE = 1_000;

/** Options of every command that lists objects. */
export const cloudflareOptions = { worker: { type: "string" }, account: { type: "string" } };

export const cloudflareUsage = `  --worker <name>  the Worker's name; default: that in wrangler.toml
  --account <id>   default: CLOUDFLARE_ACCOUNT_ID
CLOUDFLARE_API_TOKEN must hold a token that may read Workers scripts.`;

const CLASSES = ["Integration", "Customer", "Notifier"];

function nameOfWorker() {
  const text = readFileSync(inProject("wrangler.toml"), "utf8");
  return text.match(/^name\s*=\s*"([^"]+)"/m)[1];
}

/**
 * The objects of a deployment that have stored anything, as `{ className, id }`. Rejects with a Stop
 * in words. CLOUDFLARE_API_BASE_URL names another API, as it does for wrangler.
 */
export async function* objects({ worker = nameOfWorker(), account } = {}) {
  const accountId = account ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  if (!accountId) throw new Stop("Which account? Give --account, or set CLOUDFLARE_ACCOUNT_ID.");
  const namespaces = `/accounts/${accountId}/workers/durable_objects/namespaces`;
  const found = [];
  for await (const one of numbered(namespaces)) if (one.script === worker) found.push(one);
  for (const className of CLASSES) {
    const namespace = found.find((one) => one.class === className);
    if (!namespace) throw new Stop(`The Worker "${worker}" has no objects of class ${className}.`);
    for await (const { id, hasStoredData } of behindCursors(
      `${namespaces}/${namespace.id}/objects`,
    ))
      if (hasStoredData !== false) yield { className, id };
  }
}

/**
 * Does something with each of some objects. Rejects with a Stop that ends in `remedy` when some failed;
 * one that knows nothing, having stored nothing but its table, is no failure.
 */
export async function forEveryObject(all, act, remedy) {
  const failed = await forEach(all, "objects", act);
  const missed = failed.filter(({ error }) => error.type !== NOTHING);
  for (const { item, error } of missed)
    console.error(`${item.className} ${item.id}: ${error.message}`);
  if (missed.length > 0)
    throw new Stop(`${missed.length} of ${all.length} objects failed${remedy}`);
}

async function* numbered(path) {
  for (let page = 1; ; page += 1) {
    const { result } = await get(path, { page, per_page: PAGE });
    yield* result;
    if (result.length < PAGE) return;
  }
}

async function* behindCursors(path) {
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
  if (!token) throw new Stop("A token of Cloudflare is needed: set CLOUDFLARE_API_TOKEN.");
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

// `npm run import -- --dry-run`: asks the Worker what each row would do. It changes nothing.

import { NOTHING } from "../api.mjs";
import { forEach } from "../batch.mjs";
import { Stop } from "../project.mjs";

/** Rejects with a Stop if the token may not import. The request is invalid, so that it has no effect. */
export async function checkToken(call) {
  const invalid = call("PUT", "/v1/integrations/none/customer", {});
  await invalid.catch((error) => {
    if (error.status !== 400) throw error;
  });
}

/**
 * Prints what each assignment would do, and returns those that would be rejected, each with the error.
 * `complete` completes a body, as the import does.
 */
export async function rehearse(call, items, complete) {
  const said = new Map();
  const failed = await forEach(items, "checked", async (item) => {
    await complete(item.body, item.path);
    const path = item.path.replace(/\/customer$/, "");
    said.set(item, effectOf(item.body, await holderOf(call, path)));
  });
  for (const item of items) if (said.has(item)) console.log(`${item.name}: ${said.get(item)}`);
  return failed;
}

/** The customer that holds an integration; null if none does, undefined if it is unknown. */
async function holderOf(call, path) {
  try {
    return (await call("GET", path)).origin_id;
  } catch (error) {
    if (error.type === NOTHING) return undefined;
    throw error;
  }
}

function effectOf({ origin_id: wanted }, holder) {
  if (holder === undefined) return "new";
  if (holder === null) return "known without a customer; would be assigned";
  if (holder === wanted) return "already assigned to this customer; would be updated";
  throw new Stop(`409 Conflict: it belongs to customer ${holder}`);
}

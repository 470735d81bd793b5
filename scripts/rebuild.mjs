// `npm run rebuild`: makes every object of a deployment write its Workers KV keys again, for example
// after the namespace was emptied, or a faulty version wrote into it. It may be interrupted and repeated:
// an object writes its own state, whatever the keys contain.

import { apiOptions, caller } from "./api.mjs";
import { cloudflareNotes, cloudflareOptions, forEveryObject, objects } from "./cloudflare.mjs";

export const command = {
  name: "rebuild",
  about: "Makes every object of a deployment write its Workers KV keys again.",
  options: { ...apiOptions, ...cloudflareOptions },
  notes: cloudflareNotes,
  run,
};

async function run({ values }) {
  const call = caller(values);
  const all = [];
  for await (const object of objects(values)) all.push(object);
  const act = ({ className, id }) =>
    call("POST", `/v1/objects/${className.toLowerCase()}/${id}/rebuild`);
  await forEveryObject(all, act, ". Run it again.");
  console.log(`${all.length} objects are rewriting their keys; each takes a few seconds.`);
}

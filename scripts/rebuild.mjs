// `npm run rebuild`: has every object of a deployment write its Workers KV keys again, after the
// namespace was emptied or a bad version wrote into it. It may be interrupted and repeated: an object
// writes what it knows, whatever is there.

import { parseArgs } from "node:util";
import { apiOptions, apiUsage, caller } from "./api.mjs";
import { cloudflareOptions, cloudflareUsage, objects } from "./cloudflare.mjs";
import { forEach } from "./many.mjs";
import { main, Stop } from "./project.mjs";

const usage = `Usage: npm run rebuild -- [options]

Has every object of a deployment write its Workers KV keys again.

${apiUsage}
${cloudflareUsage}`;

function parsed() {
  const options = {
    ...apiOptions,
    ...cloudflareOptions,
    help: { type: "boolean", short: "h" },
  };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Stop(`${error.message}\n\n${usage}`);
  }
}

await main(async () => {
  const values = parsed();
  if (values.help) return console.log(usage);
  const call = caller(values);
  const all = [];
  for await (const object of objects(values)) all.push(object);
  const failed = await forEach(all, "objects", ({ className, id }) =>
    call("POST", `/v1/objects/${className.toLowerCase()}/${id}/rebuild`),
  );
  // An object that stored nothing but its tables has nothing to write.
  const missed = failed.filter(({ error }) => !error.message.startsWith("404 None"));
  for (const { item, error } of missed)
    console.error(`${item.className} ${item.id}: ${error.message}`);
  if (missed.length > 0)
    throw new Stop(`${missed.length} of ${all.length} objects failed. Run it again.`);
  console.log(`${all.length} objects write their keys again; each is done within seconds.`);
});

// `npm run export`: a copy of every integration and customer that a deployment knows, one JSON object a
// line: what they hold, tombstones, human decisions and incidents. `npm run import` takes it into an
// empty account. What is on its way is left out: alerts that wait, and the quarantine.

import { createWriteStream } from "node:fs";
import { parseArgs } from "node:util";
import { apiOptions, apiUsage, caller } from "./api.mjs";
import { cloudflareOptions, cloudflareUsage, objects } from "./cloudflare.mjs";
import { forEach } from "./many.mjs";
import { main, Stop } from "./project.mjs";

const usage = `Usage: npm run export -- --out <file> [options]

Writes a copy of every integration and customer, one JSON object a line. It holds integration ids and
contacts: keep it as you keep a secret.

  --out <file>     where to; such as kombo-edge.ndjson
${apiUsage}
${cloudflareUsage}`;

function parsed() {
  const options = {
    ...apiOptions,
    ...cloudflareOptions,
    out: { type: "string" },
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
  if (values.out === undefined) throw new Stop(usage);
  const call = caller(values);
  const all = [];
  for await (const object of objects(values)) {
    if (object.className !== "Notifier") all.push(object);
  }
  // Nobody else may read it.
  const file = createWriteStream(values.out, { mode: 0o600 });
  let written = 0;
  const failed = await forEach(all, "objects", async ({ className, id }) => {
    const copy = await call("GET", `/v1/objects/${className.toLowerCase()}/${id}`);
    file.write(`${JSON.stringify(copy)}\n`);
    written += 1;
  });
  await new Promise((resolve, reject) => file.on("error", reject).end(resolve));
  // An object that stored nothing but its tables has nothing to copy.
  const missed = failed.filter(({ error }) => !error.message.startsWith("404 None"));
  for (const { item, error } of missed)
    console.error(`${item.className} ${item.id}: ${error.message}`);
  if (missed.length > 0)
    throw new Stop(`${missed.length} of ${all.length} objects failed: the copy is not whole.`);
  console.log(`${written} objects are copied to ${values.out}.`);
});

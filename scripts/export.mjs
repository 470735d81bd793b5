// `npm run export`: a copy of every integration and customer that a deployment knows, one JSON object a
// line: what they hold, tombstones, human decisions and incidents. `npm run import` takes it into an
// empty account. What is on its way is left out: alerts that wait, and the quarantine.

import { createWriteStream, fchmodSync, openSync } from "node:fs";
import { apiOptions, apiUsage, caller } from "./api.mjs";
import { argumentsOf } from "./arguments.mjs";
import { cloudflareOptions, cloudflareUsage, forEveryObject, objects } from "./cloudflare.mjs";
import { main, Stop } from "./project.mjs";

const usage = `Usage: npm run export -- --out <file> [options]

Writes a backup of every integration and customer, one JSON object per line. It contains integration ids
and contacts: store it like a secret.

  --out <file>     the file to write, such as kombo-edge.ndjson
${apiUsage}
${cloudflareUsage}`;

await main(async () => {
  const options = { ...apiOptions, ...cloudflareOptions, out: { type: "string" } };
  const { values } = argumentsOf(usage, options);
  if (values.out === undefined) throw new Stop(usage);
  const call = caller(values);
  const all = [];
  for await (const object of objects(values)) {
    if (object.className !== "Notifier") all.push(object);
  }
  // Nobody else may read it, also where a file is there that others could.
  const fd = openSync(values.out, "w", 0o600);
  fchmodSync(fd, 0o600);
  const file = createWriteStream(values.out, { fd });
  let written = 0;
  const act = async ({ className, id }) => {
    const copy = await call("GET", `/v1/objects/${className.toLowerCase()}/${id}`);
    file.write(`${JSON.stringify(copy)}\n`);
    written += 1;
  };
  await forEveryObject(all, act, ": the copy is not whole.");
  await new Promise((resolve, reject) => file.on("error", reject).end(resolve));
  console.log(`${written} objects are copied to ${values.out}.`);
});

// `npm run export`: writes a backup of every integration and customer of a deployment, one JSON object
// per line, with tombstones, manual assignments and incidents. `npm run import` restores it in an empty
// account. Waiting alerts and the quarantine are not included.

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
  // Only the owner may read it, even if the file already exists with other permissions.
  const fd = openSync(values.out, "w", 0o600);
  fchmodSync(fd, 0o600);
  const file = createWriteStream(values.out, { fd });
  let written = 0;
  const act = async ({ className, id }) => {
    const copy = await call("GET", `/v1/objects/${className.toLowerCase()}/${id}`);
    file.write(`${JSON.stringify(copy)}\n`);
    written += 1;
  };
  await forEveryObject(all, act, ": the backup is incomplete.");
  await new Promise((resolve, reject) => file.on("error", reject).end(resolve));
  console.log(`Wrote ${written} objects to ${values.out}.`);
});

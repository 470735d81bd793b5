// `npm run export`: writes a backup of every integration and customer of a deployment, one JSON object
// per line, with tombstones, manual assignments and incidents. `npm run import` restores it in an empty
// account. Waiting alerts and the quarantine are not included.

import { closeSync, fchmodSync, openSync, writeSync } from "node:fs";
import { apiOptions, caller } from "./api.mjs";
import { badArgument } from "./arguments.mjs";
import { cloudflareNotes, cloudflareOptions, forEveryObject, objects } from "./cloudflare.mjs";

export const command = {
  name: "export",
  forms: ["--out <file>"],
  about: `Writes a backup of every integration and customer, one JSON object per line. It contains integration ids and contacts: store it like a secret.`,
  options: {
    out: { value: "file", about: "the file to write, such as kombo-edge.ndjson" },
    ...apiOptions,
    ...cloudflareOptions,
  },
  notes: cloudflareNotes,
  run,
};

async function run({ values }) {
  if (!values.out) throw badArgument(command, "--out is missing.");
  const call = caller(values);
  const all = [];
  for await (const object of objects(values)) {
    if (object.className !== "Notifier") all.push(object);
  }
  // Only the owner may read it, even if the file already exists with other permissions.
  const file = openSync(values.out, "w", 0o600);
  fchmodSync(file, 0o600);
  let written = 0;
  const act = async ({ className, id }) => {
    const copy = await call("GET", `/v1/objects/${className.toLowerCase()}/${id}`);
    writeSync(file, `${JSON.stringify(copy)}\n`);
    written += 1;
  };
  await forEveryObject(all, act, ": the backup is incomplete.");
  closeSync(file);
  console.log(`Wrote ${written} objects to ${values.out}.`);
}

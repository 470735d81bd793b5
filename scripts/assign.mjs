// `npm run assign -- <handle> --origin-id 42`: assigns an integration to a customer, by the short handle
// that Slack shows. The handle is a hash, so the command searches for the integration: among the
// unassigned ones, or among those of the customer that holds it now.

import { apiOptions, caller, pages } from "./api.mjs";
import { badArgument } from "./arguments.mjs";
import { handleOf } from "./handle.mjs";
import { Stop } from "./project.mjs";

export const command = {
  name: "assign",
  forms: ["<handle> --origin-id <customer id>", "<handle> --held-by <customer id> --release"],
  operands: ["<handle>"],
  about: "Assigns an integration to a customer. This overrides what Kombo's events say.",
  options: {
    "origin-id": { value: "id", about: "the customer to assign it to" },
    "held-by": {
      value: "id",
      about: "the customer that holds it now; default: none (it is unassigned)",
    },
    release: { about: "return it to the customer that Kombo names (requires --held-by)" },
    ...apiOptions,
  },
  run,
};

/** The ids of the unassigned integrations, or of those that a customer holds. */
async function* candidates(call, heldBy) {
  if (heldBy === undefined) {
    for await (const { integration_id } of pages(call, "unassigned")) yield integration_id;
    return;
  }
  const { integrations } = await call("GET", `/v1/customers/${encodeURIComponent(heldBy)}`);
  for (const { id } of integrations) yield id;
}

async function find(call, handle, heldBy) {
  for await (const id of candidates(call, heldBy)) if (handleOf(id) === handle) return id;
  throw new Stop(
    heldBy === undefined
      ? `No unassigned integration #${handle}. If a customer holds it, pass --held-by.`
      : `Customer ${heldBy} holds no integration #${handle}.`,
  );
}

async function run({ values, positionals }) {
  const [given] = positionals;
  const { "origin-id": originId, "held-by": heldBy, release } = values;
  if (release && originId !== undefined)
    throw badArgument(command, "--origin-id and --release exclude each other.");
  if (!release && !originId) throw badArgument(command, "--origin-id is missing.");
  if (release && !heldBy) throw badArgument(command, "--release requires --held-by.");

  const call = caller(values);
  const handle = given.replace(/^#/, "");
  const id = await find(call, handle, heldBy);
  const path = `/v1/integrations/${encodeURIComponent(id)}/customer`;
  const document = release
    ? await call("DELETE", path)
    : await call("PUT", path, { origin_id: originId });
  const holder = (customer) => (customer == null ? "no customer" : `customer ${customer}`);
  console.log(
    `Integration #${handle} now belongs to ${holder(document.origin_id)} (before: ${holder(heldBy)}).`,
  );
}

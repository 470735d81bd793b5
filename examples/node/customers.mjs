// Prints each customer and its connected tools: `node --env-file=.env customers.mjs [page size]`. For
// engineers. Integration ids are not printed; the list does not have them.

import { createClient } from "kombo-edge-client";
import { settings } from "./settings.mjs";

const { KOMBO_EDGE_URL: url, API_READ_TOKEN: token } = settings("KOMBO_EDGE_URL", "API_READ_TOKEN");
const edge = createClient({ url, token });
const pageSize = Number(process.argv[2] ?? 1000);

for await (const customer of edge.customers({ pageSize })) {
  const { origin_id, organization_name, integrations, integrations_total } = customer;
  const tools = integrations.map(({ tool, state }) => `${tool} (${state ?? "no state yet"})`);
  // An entry in the list has only some of the integrations; the customer's own document has all.
  const more = integrations_total - integrations.length;
  if (more > 0) tools.push(`${more} more`);
  console.log(`${origin_id}\t${organization_name ?? ""}\t${tools.join(", ")}`);
}

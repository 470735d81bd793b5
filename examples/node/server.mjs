// A backend on Node that calls kombo-edge in both directions: from the customer of a logged-in user to
// its integration, and from the integration in an event to the customer. TLS is left to a proxy in front
// of it; what a backend does with the data is left out.

import { once } from "node:events";
import { createServer } from "node:http";
import { createClient, KomboEdgeError } from "kombo-edge-client";
import { getPage, KomboRefusal, readEvent } from "./kombo.mjs";
import { customerOf } from "./session.mjs";
import { settings } from "./settings.mjs";

const env = settings(
  "KOMBO_EDGE_URL",
  "API_READ_TOKEN",
  "KOMBO_WEBHOOK_SECRET",
  "KOMBO_API_KEY",
  "KOMBO_API_URL",
  "SESSION_SECRET",
  "PORT",
);
const edge = createClient({ url: env.KOMBO_EDGE_URL, token: env.API_READ_TOKEN });

async function route(request) {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  switch (`${request.method} ${pathname}`) {
    case "GET /employees":
      return employees(request, searchParams.get("cursor"));
    case "POST /webhooks/kombo":
      return dataChanged(request);
    default:
      return [404, { error: "not-found" }];
  }
}

/** The colleagues of the logged-in user, from the HR tool of their company. */
async function employees(request, cursor) {
  const originId = customerOf(request, env.SESSION_SECRET);
  if (originId === undefined) return [401, { error: "not-logged-in" }];
  const integration = await edge.current(originId, "HRIS");
  if (integration === null) return [404, { error: "not-connected-yet" }];
  const { id, tool, usable } = integration;
  if (!usable) return [409, { error: "not-usable", tool, remedy: remedy(integration) }];
  const { results, next } = await getPage(env, id, "hris/employees", cursor);
  // Only what the browser needs. The integration id never leaves the backend.
  const shown = results.map(({ id, first_name, last_name }) => ({ id, first_name, last_name }));
  return [200, { tool, employees: shown, next }];
}

/** What must happen before an integration can be used. */
function remedy({ state, setup_status }) {
  if (state === "INVALID") return "reconnect";
  if (state === "INACTIVE") return "enable";
  if (setup_status === "INCOMPLETE") return "finish-setup";
  return "wait";
}

/** Kombo reports that the data of an integration changed, but not whose integration it is. */
async function dataChanged(request) {
  const event = await readEvent(request, env.KOMBO_WEBHOOK_SECRET);
  if (event === undefined) return [401, { error: "not-signed" }];
  if (event.type !== "data-changed") return [200, { outcome: "ignored" }];
  const integration = await edge.integration(event.data.integration_id);
  // Not a 2xx: `integration-created` may not have arrived yet, and Kombo's next attempt would find it.
  if (integration === null) return [404, { error: "not-connected-yet" }];
  const { origin_id: customer, tool } = integration;
  // It must be assigned manually. Another attempt by Kombo would not help.
  if (customer === null) return [200, { outcome: "unassigned" }];
  const models = event.data.changed_models.map(({ name }) => name);
  // Your own work starts here: for example, queue a job that fetches these models of this customer.
  console.log(JSON.stringify({ event: "data-changed", customer, tool, models }));
  return [200, { outcome: "found", customer, models }];
}

function failure(error) {
  console.error(JSON.stringify({ event: "failed", reason: String(error) }));
  if (error instanceof KomboRefusal) return [502, { error: "kombo", code: error.code }];
  if (error instanceof KomboEdgeError) return [503, { error: "try-again" }];
  return [500, { error: "broken" }];
}

const server = createServer(async (request, response) => {
  const [status, body] = await route(request).catch(failure);
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
});
server.listen(env.PORT, "127.0.0.1");
await once(server, "listening");
console.log(`Listening on http://127.0.0.1:${server.address().port}`);

// A backend on Node that asks kombo-edge, in both directions: from the customer of a logged-in user to
// its integration, and from the integration that an event names to the customer. Leaves out TLS, which
// is that of the proxy in front of it, and what a backend does with the data.

import { once } from "node:events";
import { createServer } from "node:http";
import { getPage, KomboRefusal, readEvent } from "./kombo.mjs";
import { currentIntegration, EdgeUnavailable, findIntegration } from "./mapping.mjs";
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

/** Whom the logged-in user works with, by the HR tool of its company. */
async function employees(request, cursor) {
  const originId = customerOf(request, env.SESSION_SECRET);
  if (originId === undefined) return [401, { error: "not-logged-in" }];
  const integration = await currentIntegration(env, originId, "HRIS");
  if (integration === undefined) return [404, { error: "not-connected-yet" }];
  const { id, tool, usable } = integration;
  if (!usable) return [409, { error: "not-usable", tool, remedy: remedy(integration) }];
  const { results, next } = await getPage(env, id, "hris/employees", cursor);
  // What the browser needs and no more. The integration id never leaves the backend.
  const shown = results.map(({ id, first_name, last_name }) => ({ id, first_name, last_name }));
  return [200, { tool, employees: shown, next }];
}

/** What has to happen before an integration can be called. */
function remedy({ state, setup_status }) {
  if (state === "INVALID") return "reconnect";
  if (state === "INACTIVE") return "enable";
  if (setup_status === "INCOMPLETE") return "finish-setup";
  return "wait";
}

/** Kombo tells that data changed, and of which integration, but not whose it is. */
async function dataChanged(request) {
  const event = await readEvent(request, env.KOMBO_WEBHOOK_SECRET);
  if (event === undefined) return [401, { error: "not-signed" }];
  if (event.type !== "data-changed") return [200, { outcome: "ignored" }];
  const integration = await findIntegration(env, event.data.integration_id);
  // No 2xx: `integration-created` may still be on its way, and then the next attempt finds it.
  if (integration === null) return [404, { error: "not-connected-yet" }];
  const { origin_id: customer, tool } = integration;
  // It waits until a human assigns it. Another attempt of Kombo would not help.
  if (customer === null) return [200, { outcome: "unassigned" }];
  const models = event.data.changed_models.map(({ name }) => name);
  // Here your own work starts: have these models of this customer fetched, by a queue of yours.
  console.log(JSON.stringify({ event: "data-changed", customer, tool, models }));
  return [200, { outcome: "found", customer, models }];
}

function failure(error) {
  console.error(JSON.stringify({ event: "failed", reason: String(error) }));
  if (error instanceof KomboRefusal) return [502, { error: "kombo", code: error.code }];
  if (error instanceof EdgeUnavailable) return [503, { error: "try-again" }];
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

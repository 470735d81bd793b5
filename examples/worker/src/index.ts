// A backend on Workers that uses the mapping of kombo-edge in both directions: from the customer of a
// logged-in user to its integration, and from the integration in an event to the customer. What a backend
// does with the data is left out.

import {
  createClient,
  KomboEdgeError,
  type Client,
  type HeldIntegration,
  type Mappings,
  type ReadApi,
} from "kombo-edge-client";
import { getPage, isDataChanged, KomboRefusal, readEvent, type KomboEnv } from "./kombo";
import { customerOf } from "./session";

interface Env extends KomboEnv {
  /** The namespace that kombo-edge writes. */
  MAPPINGS: Mappings;
  /** The Worker kombo-edge. */
  KOMBO_EDGE: ReadApi;
  SESSION_SECRET: string;
}

let client: Client | undefined;

/** One client for the life of the isolate: it ignores documents that are older than one it has seen. */
const edgeOf = ({ MAPPINGS, KOMBO_EDGE }: Env): Client =>
  (client ??= createClient({
    kv: MAPPINGS,
    service: KOMBO_EDGE,
    onKvError: ({ cause }) =>
      console.warn(JSON.stringify({ event: "kv-failed", reason: String(cause) })),
  }));

interface Employee {
  id: string;
  first_name: string | null;
  last_name: string | null;
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    try {
      switch (`${request.method} ${pathname}`) {
        case "GET /employees":
          return await employees(request, env, searchParams.get("cursor"));
        case "POST /webhooks/kombo":
          return await dataChanged(request, env);
        default:
          return answer(404, { error: "not-found" });
      }
    } catch (error) {
      return failure(error);
    }
  },
} satisfies ExportedHandler<Env>;

/** The colleagues of the logged-in user, from the HR tool of their company. */
async function employees(request: Request, env: Env, cursor: string | null): Promise<Response> {
  const originId = await customerOf(request, env.SESSION_SECRET);
  if (originId === undefined) return answer(401, { error: "not-logged-in" });
  const integration = await edgeOf(env).current(originId, "HRIS");
  if (integration === null) return answer(404, { error: "not-connected-yet" });
  const { id, tool, usable } = integration;
  if (!usable) return answer(409, { error: "not-usable", tool, remedy: remedy(integration) });
  const page = await getPage<Employee>(env, id, "hris/employees", cursor);
  // Only what the browser needs. The integration id never leaves the backend.
  return answer(200, {
    tool,
    employees: page.results.map(({ id, first_name, last_name }) => ({ id, first_name, last_name })),
    next: page.next,
  });
}

/** What must happen before an integration can be used. */
function remedy({ state, setup_status }: HeldIntegration): string {
  if (state === "INVALID") return "reconnect";
  if (state === "INACTIVE") return "enable";
  if (setup_status === "INCOMPLETE") return "finish-setup";
  return "wait";
}

/** Kombo reports that the data of an integration changed, but not whose integration it is. */
async function dataChanged(request: Request, env: Env): Promise<Response> {
  const event = await readEvent(request, env);
  if (event === undefined) return answer(401, { error: "not-signed" });
  if (!isDataChanged(event)) return answer(200, { outcome: "ignored" });
  const integration = await edgeOf(env).integration(event.data.integration_id);
  // Not a 2xx: `integration-created` may not have arrived yet, and Kombo's next attempt would find it.
  if (integration === null) return answer(404, { error: "not-connected-yet" });
  const { origin_id: customer, tool } = integration;
  // It must be assigned manually. Another attempt by Kombo would not help.
  if (customer === null) return answer(200, { outcome: "unassigned" });
  const models = event.data.changed_models.map(({ name }) => name);
  // Your own work starts here: for example, queue a job that fetches these models of this customer.
  console.log(JSON.stringify({ event: "data-changed", customer, tool, models }));
  return answer(200, { outcome: "found", customer, models });
}

function failure(error: unknown): Response {
  console.error(JSON.stringify({ event: "failed", reason: String(error) }));
  if (error instanceof KomboRefusal) return answer(502, { error: "kombo", code: error.code });
  if (error instanceof KomboEdgeError) return answer(503, { error: "try-again" });
  return answer(500, { error: "broken" });
}

const answer = (status: number, body: object): Response =>
  Response.json(body, { status, headers: { "cache-control": "no-store" } });

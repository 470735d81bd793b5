// A stand-in for the part of Kombo's API that this project calls: which environment a key belongs to, and
// what Kombo knows about an integration.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * Starts the stand-in.
 *
 * - `keys`: API keys, each with the id of its environment.
 * - `integrations`: the integrations that Kombo knows, by id; see integration().
 * - `answer`: returns a response `{ status, headers, body, isStalled }` to replace the normal one, or
 *   undefined. A stalled one never sends its body.
 */
export async function startKombo({ keys, integrations = {}, answer = () => undefined }) {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://api");
    const key = request.headers.authorization?.replace(/^Bearer /, "");
    const environment = keys[key];
    requests.push({ path: pathname, key });
    const override = answer({ path: pathname, key });
    const chosen = override ?? normal(pathname, environment, integrations);
    const { status, headers = {}, body, isStalled = false } = chosen;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    if (isStalled) return response.flushHeaders();
    response.end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** The requests: `{ path, key }`. */
    requests,
    keys,
    integrations,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const failed = (status, code, message) => ({
  status,
  body: { status: "error", error: { code, title: null, message, log_url: null } },
});

const found = (data) => ({ status: 200, body: { status: "success", data } });

function normal(path, environment, integrations) {
  if (environment === undefined) {
    return failed(401, "PLATFORM.AUTHENTICATION_INVALID", "The API key is invalid.");
  }
  if (path === "/v1/check-api-key") {
    return found({ environment_id: environment, customer_id: environment });
  }
  const [, id] = path.match(/^\/v1\/integrations\/([^/]+)$/) ?? [];
  const known = integrations[decodeURIComponent(id ?? "")];
  if (known === undefined) {
    return failed(404, "PLATFORM.INTEGRATION_NOT_FOUND", "The integration was not found.");
  }
  return found(known);
}

/** An integration as Kombo returns it, with some changes. */
export const integration = (id, changes = {}) => ({
  id,
  tool: {
    id: id.split(":")[0],
    label: "HiBob",
    internal_label: null,
    logo_url: "https://storage.googleapis.com/kombo-assets/integrations/hibob/logo.svg",
    icon_url: "https://storage.googleapis.com/kombo-assets/integrations/hibob/icon.svg",
  },
  category: "HRIS",
  status: "ACTIVE",
  end_user: { organization_name: "Acme, Inc.", creator_email: "hr@acme.example", origin_id: null },
  scope_config: { id: "scope", name: "Default" },
  created_at: "2025-05-01T12:00:00.000Z",
  data_expired_at: null,
  setup_status: "COMPLETED",
  beta: false,
  read_models: [],
  write_actions: [],
  ...changes,
});

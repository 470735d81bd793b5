// A stand-in for the part of Kombo's API that this project calls: which environment a key belongs to, what
// Kombo knows about an integration, and links with which a customer connects or reconnects. The links lead
// nowhere.

import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { idOf } from "./kombo.mjs";

/**
 * Starts the stand-in.
 *
 * - `keys`: API keys, each with the id of its environment.
 * - `integrations`: the integrations that Kombo knows, by id; see integration().
 * - `knows`: "these" integrations alone, or "all", whatever their ids are; the default is "these".
 * - `answer`: returns a response `{ status, headers, body, isStalled }` to replace the normal one, or
 *   undefined. A stalled one never sends its body.
 */
export async function startKombo({
  keys,
  integrations = {},
  knows = "these",
  answer = () => undefined,
  port = 0,
}) {
  const requests = [];
  const links = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://api");
    const key = request.headers.authorization?.replace(/^Bearer /, "");
    const environment = keys[key];
    requests.push({ path: pathname, key });
    const override = answer({ path: pathname, key });
    const sent = request.method === "POST" ? await json(request).catch(() => undefined) : undefined;
    const known = (id) => integrations[id] ?? (knows === "all" ? integration(id) : undefined);
    const chosen = override ?? normal({ path: pathname, body: sent, environment, known, links });
    const { status, headers = {}, body, isStalled = false } = chosen;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    if (isStalled) return response.flushHeaders();
    response.end(JSON.stringify(body));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** The requests: `{ path, key }`. */
    requests,
    keys,
    integrations,
    /** The links that were made: `{ link, integrationId, ...body }`. */
    links,
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

function normal({ path, body, environment, known, links }) {
  if (environment === undefined) {
    return failed(401, "PLATFORM.AUTHENTICATION_INVALID", "The API key is invalid.");
  }
  if (path === "/v1/check-api-key") {
    return found({ environment_id: environment, customer_id: environment });
  }
  if (body !== undefined && path === "/v1/connect/create-link") {
    return isConnection(body) ? made(links, body) : INVALID_INPUT;
  }
  const [, id, relink] = path.match(/^\/v1\/integrations\/([^/]+)(\/relink)?$/) ?? [];
  const integrationId = decodeURIComponent(id ?? "");
  if (id === undefined || known(integrationId) === undefined) {
    return failed(404, "PLATFORM.INTEGRATION_NOT_FOUND", "The integration was not found.");
  }
  if (relink === undefined) return found(known(integrationId));
  return isLink(body) ? made(links, { integrationId, ...body }) : INVALID_INPUT;
}

const INVALID_INPUT = failed(400, "PLATFORM.INPUT_INVALID", "The input is invalid.");

const isText = (value) => typeof value === "string" && value !== "";
const CATEGORIES = ["HRIS", "ATS", "ASSESSMENT", "LMS"];
const LANGUAGES = ["en", "de", "fr", "it", "es"];
const LINK_TYPES = ["EMBEDDED", "MAGIC_LINK"];

const isLink = (body) =>
  LANGUAGES.includes(body?.language ?? "en") && LINK_TYPES.includes(body?.link_type ?? "EMBEDDED");

const isConnection = (body) =>
  isLink(body) &&
  /^\S+@\S+\.\S+$/.test(body.end_user_email) &&
  isText(body.end_user_organization_name) &&
  CATEGORIES.includes(body.integration_category) &&
  isText(body.integration_tool);

function made(links, wanted) {
  const link = `https://connect.kombo.dev/v1/link/${idOf(`link ${links.length}`)}`;
  links.push({ link, ...wanted });
  return found({ link });
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

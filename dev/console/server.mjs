// The console of a testbed (dev/testbed.mjs): a web page on this machine on which a developer plays
// Kombo, reads Slack, and sees what the backend sees. It is not part of the Worker. The page gets no
// token and no secret: the console signs events and adds the token itself. The page is in page/.

import { once } from "node:events";
import { createServer } from "node:http";
import { json as readJson, text as readText } from "node:stream/consumers";
import { deliver, SIGNATURE_HEADER } from "../kombo.mjs";
import { isBehavior } from "../slack-behaviors.mjs";
import { allKeys } from "./backend.mjs";
import { eventFrom, offered, withFreshId } from "./events.mjs";
import { HEADERS, rejectionOf } from "./guard.mjs";
import { pageFiles } from "./page.mjs";
import { updatesOf } from "./updates.mjs";

/** How an event may be signed: as Kombo does, with a wrong signature, or not at all. */
const SIGNINGS = {
  right: {},
  wrong: { [SIGNATURE_HEADER]: "A".repeat(43) },
  none: { [SIGNATURE_HEADER]: undefined },
};

/** The most time that can pass at once. */
const MAX_PASSING_MS = 31 * 86_400_000;

/**
 * Starts the console of a testbed. `secret` signs the events, `token` is for the Worker's API, and `port`
 * is any free one by default.
 */
export async function startConsole({ testbed, secret, token, webhookPath, port = 0 }) {
  const page = await pageFiles();
  const callWorker = (path, { method = "GET", body } = {}) =>
    testbed.edge().fetch(path, { method, body, headers: { authorization: `Bearer ${token}` } });
  const feed = updatesOf(testbed, callWorker);
  const routes = {
    "GET /live": (_, response) => feed.join(response),
    ...routesOf(testbed, { secret, webhookPath }),
  };

  async function respond(request, response) {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    const rejection = rejectionOf(request.headers, server.address().port);
    if (rejection !== undefined) return problem(response, 403, rejection);
    const url = new URL(request.url, "http://console");
    if (url.pathname.startsWith("/v1/")) return forward(callWorker, request, response, url);
    const route = routes[`${request.method} ${url.pathname}`];
    if (route !== undefined) return route(request, response, url);
    const file = request.method === "GET" ? page[url.pathname] : undefined;
    if (file === undefined) return problem(response, 404, "File not found.");
    response.writeHead(200, { "content-type": file.type }).end(file.bytes);
  }

  const server = createServer((request, response) => {
    respond(request, response).catch((error) => {
      if (response.headersSent) return response.destroy();
      if (error instanceof SyntaxError) return problem(response, 400, "The body is not JSON.");
      const why = error.cause?.message || error.cause?.code || error.message;
      problem(response, 502, `The Worker does not respond: ${why}`);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      feed.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** The routes of the console, by method and path. */
function routesOf(testbed, { secret, webhookPath }) {
  return {
    // These two are for `npm run mapping`.
    "GET /keys": async (_, response) =>
      reply(response, { keys: await allKeys(await testbed.edge().kv()) }),
    "GET /value": async (_, response, { searchParams }) => {
      const kv = await testbed.edge().kv();
      reply(response, { value: await kv.get(searchParams.get("key") ?? "") });
    },
    "POST /make": async (request, response) => {
      const { name, entered } = await readJson(request);
      if (!offered.some((event) => event.name === name)) return unknown(response);
      reply(response, eventFrom(name, entered ?? {}, testbed.now()));
    },
    "POST /send": async (request, response) => {
      const { text, signing } = await readJson(request);
      if (typeof text !== "string" || !Object.hasOwn(SIGNINGS, signing)) return unknown(response);
      const url = new URL(webhookPath, testbed.edge().url);
      const began = performance.now();
      const answer = await deliver(url, text, { secret, headers: SIGNINGS[signing] });
      const body = said(await answer.text());
      const ms = Math.round(performance.now() - began);
      const at = testbed.now();
      reply(response, { status: answer.status, body, ms, at, next: withFreshId(text) });
    },
    "POST /slack": async (request, response) => {
      const { behavior } = await readJson(request);
      if (!isBehavior(behavior)) return unknown(response);
      testbed.setBehavior(behavior);
      reply(response, {});
    },
    "POST /slack/hook": async (_, response) => {
      await testbed.renewHook();
      reply(response, {});
    },
    "POST /time": async (request, response) => {
      const { ms } = await readJson(request);
      if (!Number.isInteger(ms) || ms < 1 || ms > MAX_PASSING_MS) return unknown(response);
      await testbed.passTime(ms);
      reply(response, {});
    },
    "POST /restart": async (_, response) => {
      await testbed.restart();
      reply(response, {});
    },
  };
}

/** Forwards a request from the page to the Worker's API, and the response back. */
async function forward(callWorker, request, response, { pathname, search }) {
  const body = (await readText(request)) || undefined;
  // Only the path and query are forwarded: a request line may name another host.
  const answer = await callWorker(pathname + search, { method: request.method, body });
  const type = answer.headers.get("content-type");
  response.writeHead(answer.status, type === null ? {} : { "content-type": type });
  response.end(await answer.text());
}

/** What a response says: its JSON, or its text as a title. */
function said(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { title: text };
  }
}

const reply = (response, value) =>
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));

const problem = (response, status, detail) =>
  response
    .writeHead(status, { "content-type": "application/problem+json" })
    .end(JSON.stringify({ status, detail }));

const unknown = (response) => problem(response, 400, "Unknown request.");

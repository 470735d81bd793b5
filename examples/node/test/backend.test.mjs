// Tests of this backend against the real kombo-edge on this machine: `npm test`. Kombo's API is a stub with
// one employee.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { KOMBO_WEBHOOK_SECRET, startEdge } from "kombo-edge/testing";
import { makeSession } from "../session.mjs";

const SESSION_SECRET = "session-test-secret";
const EMPLOYEE = { id: "7Qm2", first_name: "Astrid", last_name: "Lindqvist" };

const api = createServer((_, response) => {
  response.end(JSON.stringify({ data: { results: [EMPLOYEE], next: null } }));
});
let edge, backend, url;

before(async () => {
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  edge = await startEdge();
  backend = spawn(process.execPath, [fileURLToPath(new URL("../server.mjs", import.meta.url))], {
    env: {
      KOMBO_EDGE_URL: edge.url,
      API_READ_TOKEN: edge.readToken,
      KOMBO_WEBHOOK_SECRET,
      KOMBO_API_URL: `http://127.0.0.1:${api.address().port}`,
      KOMBO_API_KEY: "kombo-test-key",
      SESSION_SECRET,
      PORT: "0",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(backend.stdout), "line");
  url = line.match(/http:\S+/)[0];
});
after(async () => {
  backend?.kill();
  await edge?.dispose();
  api.close();
});

/** What the page of a logged-in user gets. */
async function employees(originId) {
  const headers = { cookie: `session=${makeSession(originId, SESSION_SECRET)}` };
  return (await fetch(`${url}/employees`, { headers })).json();
}

test("shows employees once the customer has connected its tool", async () => {
  assert.deepEqual(await employees("36123"), { error: "not-connected-yet" });
  await edge.kombo.connects("36123", "hibob");
  assert.deepEqual(await employees("36123"), { tool: "hibob", employees: [EMPLOYEE], next: null });
});

test("asks the customer to reconnect when its credentials are no longer valid", async () => {
  const id = await edge.kombo.connects("42", "personio");
  await edge.kombo.reports(id, { state: "INVALID" });
  const expected = { error: "not-usable", tool: "personio", remedy: "reconnect" };
  assert.deepEqual(await employees("42"), expected);
});

test("finds the customer whose data changed", async () => {
  const id = await edge.kombo.connects("43", "hibob");
  const response = await fetch(`${url}/webhooks/kombo`, edge.kombo.dataChanged(id));
  assert.equal((await response.json()).customer, "43");
});

test("the team hears of a customer who could not connect", async () => {
  await edge.kombo.failsToConnect("44", "personio", { organization: "Acme, Inc." });
  const message = edge.slack.messages.at(-1);
  assert.match(message.text, /Acme, Inc\. could not connect Personio/);
});

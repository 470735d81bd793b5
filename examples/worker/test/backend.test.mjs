// Tests of this backend against the real kombo-edge, both in the local runtime: `npm test`. Kombo's API is
// a stub with one employee.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { KOMBO_WEBHOOK_SECRET, startEdge } from "kombo-edge/testing";

const SESSION_SECRET = "session-test-secret";
const EMPLOYEE = { id: "7Qm2", first_name: "Astrid", last_name: "Lindqvist" };

const api = createServer((_, response) => {
  response.end(JSON.stringify({ data: { results: [EMPLOYEE], next: null } }));
});
let edge;

before(async () => {
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  edge = await startEdge({
    backend: {
      config: new URL("../wrangler.toml", import.meta.url),
      vars: {
        KOMBO_WEBHOOK_SECRET,
        KOMBO_API_URL: `http://127.0.0.1:${api.address().port}`,
        KOMBO_API_KEY: "kombo-test-key",
        SESSION_SECRET,
      },
    },
  });
});
after(async () => {
  await edge?.dispose();
  api.close();
});

/** What the page of a logged-in user gets. */
async function employees(originId) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256" })}.${encode({ sub: originId, exp: 1e10 })}`;
  const signature = createHmac("sha256", SESSION_SECRET).update(signed).digest("base64url");
  const headers = { cookie: `session=${signed}.${signature}` };
  return (await edge.fetchBackend("/employees", { headers })).json();
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
  const response = await edge.fetchBackend("/webhooks/kombo", edge.kombo.dataChanged(id));
  assert.equal((await response.json()).customer, "43");
});

test("knows a customer who connected while Workers KV was late", async () => {
  await edge.kombo.connects("44", "hibob");
  await (await edge.kv()).delete("customer:44");
  assert.equal((await employees("44")).tool, "hibob");
});

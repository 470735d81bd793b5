// The contract for HTTP: every response that contract/openapi.yaml documents is actually sent, with its
// headers, and matches the contract. Responses that can't be produced here are listed by name.
// scripts/schemathesis.mjs searches for responses that are not documented.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { request as open } from "node:http";
import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { SIGNATURE_HEADER, sign } from "../dev/kombo.mjs";
import { documentedAnswers, examples, keepsContract, openapi, operations } from "./contract.mjs";
import { SECRET, TOKENS, deliver, document, eventually, failure, logged } from "./testbed.mjs";
import { makeEvent, startTestbed } from "./testbed.mjs";

const WEBHOOK = "/webhooks/kombo";
const MIB = 1024 * 1024;

/** Responses that can't be produced here, and why. */
const UNSEEN = {
  "another version of the code": ["post /v1/quarantine/{event_id} 202"],
  "a hundred alerts that were given up": ["post /v1/undelivered/{id} 400 too-many-at-once"],
  "a cursor that miniflare rejects: it accepts any": [
    "get /v1/customers 400 bad-cursor",
    "get /v1/incidents 400 bad-cursor",
    "get /v1/quarantine 400 bad-cursor",
    "get /v1/unassigned 400 bad-cursor",
  ],
};

const seen = new Set();

/**
 * Sends a request that `fetch` can't make: with a body for any method, which can be cut off. Closes its
 * connection.
 */
const send = (edge, method, path, { headers, body = "", isCutOff = false }) =>
  new Promise((resolve, reject) => {
    const request = open(new URL(path, edge.url), {
      method,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      createConnection: ({ host, port }) => connect({ host, port, allowHalfOpen: true }),
    });
    request.on("response", (message) => {
      const { statusCode: status, headers: received } = message;
      const answer = (bytes) =>
        new Response(bytes.length > 0 ? bytes : null, { status, headers: received });
      resolve(buffer(message).then(answer));
      message.on("close", () => request.destroy());
    });
    request.on("error", reject);
    if (isCutOff) request.write(body.slice(0, 1), () => request.socket.end());
    else request.end(body);
  });

/** The parameters in a path unless a test gives others. */
const DEFAULT_PARAMETERS = {
  origin_id: "42",
  integration_id: "hibob:1",
  event_id: "none",
  key: "incident:environment:environment",
  id: "main-9000",
  class: "customer",
  object_id: "0".repeat(64),
};

const filled = (path, values) =>
  path.replace(/\{(\w+)\}/g, (_, name) =>
    encodeURIComponent(values[name] ?? DEFAULT_PARAMETERS[name]),
  );

/**
 * Calls a path of the contract, for GET also with HEAD, and returns the body. `values` are the parameters
 * of the path, and `at` replaces the whole path.
 */
async function call(edge, method, path, options = {}) {
  const { json, token = TOKENS.API_TOKEN, query = "", at, isCutOff, ...values } = options;
  const { body = json === undefined ? "" : JSON.stringify(json) } = options;
  const { signature = sign(body, SECRET) } = options;
  const headers =
    path === WEBHOOK ? { [SIGNATURE_HEADER]: signature } : { authorization: `Bearer ${token}` };
  const target = (at ?? filled(path, values)) + query;
  const response = await send(edge, method, target, { headers, body, isCutOff });
  if (method !== "get") return keepsContract(response, method, path, seen);
  const head = await send(edge, "head", target, { headers, body, isCutOff });
  assert.equal(head.status, response.status, `HEAD ${target}`);
  const comparableHeaders = (of) =>
    [...of.headers].filter(([name]) => !["date", "content-length"].includes(name));
  assert.deepEqual(comparableHeaders(head), comparableHeaders(response), `HEAD ${target}`);
  await keepsContract(head, "head", path);
  return keepsContract(response, method, path, seen);
}

const api = operations.filter(({ method, path }) => path.startsWith("/v1/") && method !== "head");

const isoIn = (ms) => new Date(Date.now() + ms).toISOString();

describe("the API keeps its contract", { concurrency: true }, () => {
  test("for every kind of invalid request", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    for (const { method, path } of api) {
      await call(edge, method, path, { token: "wrong-token-0123456789" });
      await call(edge, method, path, { body: "x".repeat(MIB + 1) });
      await call(edge, method, path, { body: "{}", isCutOff: true });
      if (path.includes("{")) {
        await call(edge, method, path, { at: path.replace(/\{\w+\}/g, "%FF") });
      }
    }
    for (const [path, item] of Object.entries(openapi.paths)) {
      const response = await send(edge, "PATCH", filled(path, {}), {});
      const methods = Object.keys(item).filter((name) => name !== "parameters");
      const allow = methods.map((name) => name.toUpperCase()).sort();
      assert.deepEqual(response.headers.get("allow").split(", ").sort(), allow, path);
      for (const method of methods) {
        if (method !== "head") await keepsContract(response.clone(), method, path, seen);
      }
    }
    const nowhere = await send(edge, "get", "/v1/nowhere", {});
    assert.deepEqual(await nowhere.json(), JSON.parse(examples["problem-not-found"]));
    await call(edge, "post", WEBHOOK, { body: "x".repeat(MIB + 1), isCutOff: true });
    await call(edge, "post", WEBHOOK, { body: "{" });
    await call(edge, "post", WEBHOOK, { body: "{}", signature: "A".repeat(43) });
    await call(edge, "post", WEBHOOK, { body: "{}", isCutOff: true });
  });

  test("in reading, and in assigning an integration to a customer", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await call(edge, "get", "/healthz");
    await call(edge, "get", "/healthz/intake");
    const created = makeEvent("integration-created", { originId: "42", integrationId: "hibob:1" });
    for (const outcome of ["accepted", "duplicate"]) {
      assert.equal((await call(edge, "post", WEBHOOK, { json: created })).outcome, outcome);
    }
    const ignored = await call(edge, "post", WEBHOOK, { json: makeEvent("data-changed") });
    assert.equal(ignored.outcome, "ignored");
    await deliver(edge, makeEvent("integration-created:nulls"));
    await deliver(edge, failure("42", { tool: "lever", category: "ATS" }));
    for (const [list, key] of [
      ["customers", "customer:42"],
      ["incidents", "incident:"],
      ["unassigned", "unassigned:"],
    ]) {
      const page = () => call(edge, "get", `/v1/${list}`);
      await eventually(async () => (await page())[list].length === 1, `the page of ${key}`);
      await call(edge, "get", `/v1/${list}`, { query: "?limit=0" });
    }
    const { incidents } = await call(edge, "get", "/v1/incidents");
    await call(edge, "delete", "/v1/incidents/{key}", { key: incidents[0].key });
    await call(edge, "delete", "/v1/incidents/{key}", { key: incidents[0].key });
    await call(edge, "get", "/v1/customers/{origin_id}");
    await call(edge, "get", "/v1/customers/{origin_id}", { origin_id: "unknown" });
    await call(edge, "get", "/v1/integrations/{integration_id}");
    await call(edge, "get", "/v1/integrations/{integration_id}", { integration_id: "none" });

    const given = "/v1/integrations/{integration_id}/customer";
    const assign = (json, more) => call(edge, "put", given, { json, ...more });
    await assign({ origin_id: "43" });
    await assign({ origin_id: "44", import: true });
    await assign([]);
    await assign({ origin_id: " " });
    await assign({ origin_id: "44", connected_at: "yesterday" });
    await assign(JSON.parse(examples["request-import"]), { integration_id: "hibob:2" });
    await call(edge, "delete", given);
    await call(edge, "delete", given, { integration_id: "none" });
    await call(edge, "delete", "/v1/integrations/{integration_id}");
    await deliver(edge, makeEvent("integration-deleted", { integrationId: "hibob:1" }));
    await assign({ origin_id: "43" });
    await call(edge, "delete", given);
  });

  test("in copying, restoring and rebuilding an object, and in erasing a customer", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await deliver(
      edge,
      makeEvent("integration-created", { originId: "42", integrationId: "hibob:1" }),
    );
    await document(edge, "customer:42");
    const objects = await edge.miniflare.getDurableObjectNamespace("INTEGRATIONS");
    const digest = createHash("sha256").update("hibob:1").digest("base64url");
    const object_id = objects.idFromName(`integration/${digest}`).toString();
    const one = { class: "integration", object_id };
    const path = "/v1/objects/{class}/{object_id}";
    const copy = await call(edge, "get", path, one);
    assert.equal(copy.class, "integration");
    await call(edge, "get", path);
    await call(edge, "post", `${path}/rebuild`, one);
    await call(edge, "post", `${path}/rebuild`);
    const restore = (json) => call(edge, "post", "/v1/objects", { json });
    await restore(copy);
    copy.rows.head.facts.named = "another";
    await restore(copy);
    await restore({});
    await call(edge, "post", "/v1/objects", { body: "not JSON" });
    const { integrations } = await call(edge, "delete", "/v1/customers/{origin_id}");
    assert.deepEqual(integrations, ["hibob:1"]);
  });

  test("in muting", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const path = "/v1/customers/{origin_id}/mute";
    const mute = (json) => call(edge, "put", path, { json });
    const until = isoIn(3_600_000);
    await mute([]);
    await mute({ until, tool: 7 });
    await mute({ until: "tomorrow" });
    for (let count = 1; count <= 50; count += 1) {
      assert.equal((await mute({ until, tool: `tool-${count}` })).muted.length, count);
    }
    await mute({ until });
    await call(edge, "delete", path, { query: `?tool=${"x".repeat(65)}` });
    await call(edge, "delete", path, { query: "?tool=tool-1" });
    assert.equal((await mute({ until })).muted[49].tool, null);
  });

  test("for what needs manual action", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    slack.answerWith(({ text }) =>
      text.includes("rejected-customer") ? { status: 400, body: "invalid_blocks" } : undefined,
    );
    await deliver(edge, failure("rejected-customer"));
    const broken = { ...makeEvent("integration-created"), data: {} };
    const kept = await call(edge, "post", WEBHOOK, { json: broken });
    assert.equal(kept.outcome, "quarantined");
    const path = "/v1/quarantine/{event_id}";
    await document(edge, `quarantine:${broken.id}`);
    assert.equal((await call(edge, "get", "/v1/quarantine")).quarantine.length, 1);
    await call(edge, "get", "/v1/quarantine", { query: "?limit=0" });
    await call(edge, "post", path, { event_id: broken.id });
    await call(edge, "post", "/v1/quarantine/retry");
    await call(edge, "delete", path, { event_id: broken.id });
    await call(edge, "delete", path);
    await call(edge, "post", path);

    const listed = () =>
      eventually(async () => {
        const { undelivered } = await call(edge, "get", "/v1/undelivered");
        return undelivered[0];
      }, "an undelivered alert");
    await call(edge, "get", "/v1/undelivered", { query: "?limit=0" });
    await call(edge, "get", "/v1/undelivered", { query: "?cursor=none" });
    const one = "/v1/undelivered/{id}";
    const { id } = await listed();
    assert.equal((await call(edge, "get", "/v1/status")).team.undelivered, 1);
    await call(edge, "post", one, { id });
    await eventually(async () => (await listed()).id !== id, "the second rejection");
    await call(edge, "delete", one, await listed());
    await call(edge, "delete", one);
    await call(edge, "post", one);
    await call(edge, "post", "/v1/undelivered/retry");
    await call(edge, "post", "/v1/test-alert");
  });

  test("without tokens, and while Slack rejects the webhook", async (t) => {
    const answers = () => ({ status: 410, body: "channel_is_archived" });
    const { edge, log } = await startTestbed(t, { slack: { answers } });
    for (const { method, path } of api) await call(edge, method, path);
    await deliver(edge, failure("42"));
    await logged(log, "alert", "hook_refused");
    assert.equal((await call(edge, "get", "/healthz")).slack, "failing");
  });

  test("after a panic", async (t) => {
    const buildDir = fileURLToPath(new URL("../build-panics", import.meta.url));
    const { edge } = await startTestbed(t, { buildDir, bindings: { FORCED_PANICS: "yes" } });
    await call(edge, "post", WEBHOOK, {
      json: makeEvent("connection-flow-failed", { organization: "forced panic in fetch" }),
    });
  });

  for (const unbound of ["MAPPINGS", "INTEGRATIONS", "CUSTOMERS", "NOTIFIER"]) {
    test(`without the binding ${unbound}`, async (t) => {
      const { edge } = await startTestbed(t, { bindings: TOKENS, unbound });
      const json = { origin_id: "42", until: isoIn(3_600_000) };
      for (const { method, path } of api) {
        const body = path === "/v1/objects" ? JSON.parse(examples.copy) : json;
        await call(edge, method, path, { ...(/^p/.test(method) && { json: body }) });
      }
      await call(edge, "post", WEBHOOK, { json: makeEvent("integration-created") });
      assert.deepEqual((await call(edge, "get", "/healthz")).settings, [unbound]);
      assert.deepEqual((await call(edge, "get", "/healthz/intake")).settings, [unbound]);
    });
  }
});

test("every documented response was seen, except for the listed ones", () => {
  const unseen = documentedAnswers.filter((answer) => !seen.has(answer));
  assert.deepEqual(unseen.sort(), Object.values(UNSEEN).flat().sort());
});

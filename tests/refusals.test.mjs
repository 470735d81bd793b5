// Everything that the edge rejects, on the real runtime, and /healthz.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "node:net";
import { SIGNATURE_HEADER, makeEvent, sign } from "../dev/kombo.mjs";
import { SECRET, TOKENS, ask, eventually, post, startTestbed } from "./testbed.mjs";

const MIB = 1024 * 1024;
const BODY = JSON.stringify(makeEvent("data-changed"));

async function problem(response) {
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const body = await response.json();
  assert.equal(body.status, response.status);
  return body;
}

test("a delivery that is not from Kombo is rejected, and its sender never learns why", async (t) => {
  const { edge } = await startTestbed(t);
  const send = (headers) => edge.fetch("/webhooks/kombo", { method: "POST", body: BODY, headers });
  const bodies = [];
  for (const signature of [
    undefined,
    "",
    "nonsense",
    sign("other bytes", SECRET),
    sign(BODY, "another secret"),
    `${sign(BODY, SECRET)}, ${sign(BODY, SECRET)}`,
  ]) {
    const response = await send(signature === undefined ? {} : { [SIGNATURE_HEADER]: signature });
    assert.equal(response.status, 401, `${signature}`);
    bodies.push(JSON.stringify(await problem(response)));
  }
  assert.equal(new Set(bodies).size, 1);
});

test("each of several secrets is accepted", async (t) => {
  const bindings = { KOMBO_WEBHOOK_SECRET: `old-secret\n${SECRET}` };
  const { edge } = await startTestbed(t, { bindings });
  for (const secret of ["old-secret", SECRET]) {
    const response = await post(edge, BODY, { [SIGNATURE_HEADER]: sign(BODY, secret) });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { outcome: "ignored" });
  }
});

test("a signed body that is not an event is ignored, and the log says why", async (t) => {
  const { edge, log } = await startTestbed(t);
  const bodies = ["{}", '{"test":true}', '{"type":"ping"}', "[]", '\ufeff{"id":1,"type":"ping"}'];
  for (const body of bodies) {
    const response = await post(edge, body);
    assert.equal(response.status, 200, body);
    assert.deepEqual(await response.json(), { outcome: "ignored" }, body);
  }
  const reasons = () => log.filter(({ fields }) => fields?.reason?.startsWith("not an event: "));
  await eventually(() => reasons().length === bodies.length, "a line for each");
});

test("a signed body that is not JSON gets a 400", async (t) => {
  const { edge } = await startTestbed(t);
  for (const body of ["", "{", "ping", Buffer.from([0xff, 0xfe])]) {
    const response = await post(edge, body);
    assert.equal(response.status, 400, String(body));
    assert.equal((await problem(response)).type, "urn:kombo-edge:problem:not-json");
  }
});

test("a body over 1 MiB is rejected, with a content length or chunked; one of 1 MiB is not", async (t) => {
  const { edge } = await startTestbed(t);
  const sized = (bytes) => {
    const event = { id: "x", type: "unknown", data: "" };
    event.data = "x".repeat(bytes - JSON.stringify(event).length);
    return JSON.stringify(event);
  };
  assert.equal((await post(edge, sized(MIB))).status, 200);
  const large = sized(MIB + 1);
  assert.equal((await post(edge, large)).status, 413);
  const chunked = await edge.fetch("/webhooks/kombo", {
    method: "POST",
    body: new Blob([large]).stream(),
    duplex: "half",
    headers: { [SIGNATURE_HEADER]: sign(large, SECRET) },
  });
  assert.equal(chunked.status, 413);
});

test("a body with a content length over the limit is rejected before it is sent", async (t) => {
  const { edge } = await startTestbed(t);
  const socket = connect(Number(edge.url.port), "127.0.0.1");
  t.after(() => socket.destroy());
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk));
  socket.write(
    `POST /webhooks/kombo HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${MIB + 1}\r\n` +
      `${SIGNATURE_HEADER}: ${sign("", SECRET)}\r\n\r\n`,
  );
  await eventually(() => answer.includes("413"), "the response 413");
});

test("unknown paths and methods are rejected", async (t) => {
  const { edge } = await startTestbed(t);
  assert.equal((await problem(await edge.fetch("/"))).type, "urn:kombo-edge:problem:not-found");
  const wrong = await edge.fetch("/webhooks/kombo");
  assert.equal(wrong.status, 405);
  assert.equal(wrong.headers.get("allow"), "POST");
  assert.equal(
    (await edge.fetch("/healthz", { method: "POST" })).headers.get("allow"),
    "GET, HEAD",
  );
});

test("a slash at the end of the webhook's path makes no difference", async (t) => {
  const { edge } = await startTestbed(t);
  const headers = { [SIGNATURE_HEADER]: sign(BODY, SECRET) };
  const response = await edge.fetch("/webhooks/kombo/", { method: "POST", body: BODY, headers });
  assert.equal(response.status, 200);
});

test("a signed request to another path leaves a line in the log and a hint in the status", async (t) => {
  const { edge, log } = await startTestbed(t, { bindings: TOKENS });
  const send = (path, signature) =>
    edge.fetch(path, { method: "POST", body: BODY, headers: { [SIGNATURE_HEADER]: signature } });
  const misdirected = () => log.filter(({ fields }) => fields?.outcome === "misdirected").length;
  const paths = ["/", "/webhook/kombo", "/webhooks/kombo/x", "/healthz", "/v1/test-alert", "/v1/"];
  for (const path of paths) {
    assert.ok((await send(path, sign(BODY, "another secret"))).status >= 400, path);
    assert.ok((await send(path, sign(BODY, SECRET))).status >= 400, path);
  }
  await eventually(() => misdirected() === paths.length, "a line for each signed request");
  const watch = await eventually(async () => {
    const { watch } = await (await ask(edge, "/v1/status")).json();
    return watch.misdirected_24h > 0 && watch;
  }, "the count");
  assert.match(watch.hint, /other than \/webhooks\/kombo.*Correct the webhook's URL/);
  assert.equal(watch.last_event_at, null, "it is no delivery");
});

test("without a secret nothing is accepted, and the log says what to do", async (t) => {
  for (const KOMBO_WEBHOOK_SECRET of ["", "  \n"]) {
    const { edge, log } = await startTestbed(t, { bindings: { KOMBO_WEBHOOK_SECRET } });
    const response = await post(edge, BODY, { [SIGNATURE_HEADER]: sign(BODY, "") });
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    assert.equal((await problem(response)).type, "urn:kombo-edge:problem:not-configured");
    const line = log.find(({ fields }) => fields?.event === "configuration");
    assert.match(line.fields.reason, /wrangler secret put KOMBO_WEBHOOK_SECRET/);
    for (const path of ["/healthz", "/healthz/intake"]) {
      const health = await edge.fetch(path);
      assert.equal(health.status, 503);
      assert.deepEqual((await health.json()).settings, ["KOMBO_WEBHOOK_SECRET"]);
    }
  }
});

test("each kind of refused signature is counted by itself", async (t) => {
  const { edge } = await startTestbed(t, { bindings: TOKENS });
  const right = sign(BODY, SECRET);
  const hex = Buffer.from(right, "base64url").toString("hex");
  const standard = Buffer.from(right, "base64url").toString("base64");
  // The isolate reports the first rejected delivery at once, and the others with the next valid one.
  for (const signature of [
    sign(BODY, "another secret"),
    undefined,
    hex,
    `sha256=${hex}`,
    `v1,${standard}`,
    `${right}, ${right}`,
  ]) {
    const headers = signature === undefined ? {} : { [SIGNATURE_HEADER]: signature };
    const response = await edge.fetch("/webhooks/kombo", { method: "POST", body: BODY, headers });
    assert.equal(response.status, 401, signature);
  }
  assert.equal((await post(edge, BODY, { [SIGNATURE_HEADER]: `${right} \t` })).status, 200);
  const watch = await eventually(async () => {
    const { watch } = await (await ask(edge, "/v1/status")).json();
    return watch.malformed_signatures_24h > 0 && watch;
  }, "the counts");
  assert.equal(watch.refused_signatures_24h, 5);
  assert.equal(watch.malformed_signatures_24h, 4);
  assert.equal(watch.missing_signatures_24h, 1);
});

test("a secret that was pasted with its quotes is named", async (t) => {
  const { edge, log } = await startTestbed(t, {
    bindings: { KOMBO_WEBHOOK_SECRET: `"${SECRET}"` },
  });
  const health = await edge.fetch("/healthz");
  assert.equal(health.status, 503);
  assert.deepEqual((await health.json()).settings, ["KOMBO_WEBHOOK_SECRET"]);
  assert.equal((await edge.fetch("/healthz/intake")).status, 200);
  const line = log.find(({ fields }) => fields?.event === "configuration");
  assert.match(line.fields.reason, /pasted badly/);
});

test("without a binding nothing is accepted, and the log says what to do", async (t) => {
  for (const unbound of ["MAPPINGS", "INTEGRATIONS", "CUSTOMERS", "NOTIFIER"]) {
    const { edge, log } = await startTestbed(t, { unbound });
    const response = await post(edge, BODY);
    assert.equal(response.status, 503);
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    assert.equal((await problem(response)).type, "urn:kombo-edge:problem:not-configured");
    const line = log.find(({ fields }) => fields?.event === "configuration");
    assert.match(line.fields.reason, new RegExp(`${unbound} is not bound; .*Deploy`));
    const health = await edge.fetch("/healthz/intake");
    assert.equal(health.status, 503);
    assert.deepEqual((await health.json()).settings, [unbound]);
  }
});

test("any other fault of the configuration is named, and deliveries are still accepted", async (t) => {
  const bindings = { SLACK_WEBHOOK_URL: "http://example.com/hook", ENVIRONMENT: "" };
  const { edge } = await startTestbed(t, { bindings });
  assert.equal((await post(edge, BODY)).status, 200);
  const health = await edge.fetch("/healthz");
  assert.equal(health.status, 503);
  assert.deepEqual((await health.json()).settings, ["SLACK_WEBHOOK_URL", "ENVIRONMENT"]);
  assert.equal((await edge.fetch("/healthz/intake")).status, 200);
});

test("/healthz returns 200 when all is well, and supports HEAD", async (t) => {
  const { edge } = await startTestbed(t);
  const health = await edge.fetch("/healthz");
  assert.equal(health.status, 200);
  const { status, version } = await health.json();
  assert.deepEqual([status, version], ["ok", "0.1.0"]);
  const head = await edge.fetch("/healthz", { method: "HEAD" });
  assert.deepEqual([head.status, await head.text()], [200, ""]);
});

// A panic or trap inside an object: an error within seconds at the edge, and an alarm that is tried again.
// Runs the build in which a text can force one; see `panic_if_forced` in src/cloudflare/objects.rs.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { TOKENS, ask, deliver, document, makeEvent, post, problem, stand } from "./stand.mjs";

const buildDir = fileURLToPath(new URL("../build-panics", import.meta.url));

test("a panic while an event is heard ends as a 503, and the next event is taken", async (t) => {
  const { edge, log } = await stand(t, { buildDir });
  const event = makeEvent("connection-flow-failed", { organization: "forced panic in fetch" });
  const response = await post(edge, JSON.stringify(event));
  assert.equal(response.status, 503);
  assert.ok(Number(response.headers.get("retry-after")) > 0);
  assert.equal(await problem(response), "not-stored");
  const panic = log.find(({ fields }) => fields?.event === "panic");
  assert.match(panic.fields.reason, /^at src\/cloudflare\/objects\.rs:\d+/);
  const healthy = makeEvent("connection-flow-failed");
  assert.equal(await deliver(edge, healthy), "accepted");
});

test("a panic while the API is asked ends as a 503 of its own", async (t) => {
  const { edge } = await stand(t, { buildDir, bindings: TOKENS });
  const path = `/v1/customers/${encodeURIComponent("forced panic in fetch")}`;
  const response = await ask(edge, path, { method: "DELETE" });
  assert.equal(response.status, 503);
  assert.equal(await problem(response), "no-reply");
  assert.equal((await ask(edge, "/v1/customers/42")).status, 404);
});

// A trap runs no code of the module any more, so nothing logs it but the platform.
for (const { end, logged } of [
  { end: "panic", logged: 1 },
  { end: "trap", logged: 0 },
]) {
  test(`a ${end} in an alarm is tried again until it ends well`, async (t) => {
    const { edge, log, slack } = await stand(t, { buildDir });
    const organization = `forced ${end} in alarm`;
    const event = makeEvent("connection-flow-failed", { organization });
    assert.equal(await deliver(edge, event), "accepted");
    const [message] = await slack.waitFor(1, { timeoutMs: 60_000 });
    assert.ok(message.json.text.startsWith(`${organization} could not connect`));
    const panics = log.filter(({ fields }) => fields?.event === "panic");
    assert.equal(panics.length, logged);
    await deliver(edge, makeEvent("integration-created"));
    await document(edge, "customer:org_7741");
  });
}

test("a trap while an event is heard ends as a 503, and the next event is taken", async (t) => {
  const { edge } = await stand(t, { buildDir });
  const event = makeEvent("connection-flow-failed", { organization: "forced trap in fetch" });
  const response = await post(edge, JSON.stringify(event));
  assert.equal(response.status, 503);
  assert.equal(await problem(response), "not-stored");
  assert.equal(await deliver(edge, makeEvent("connection-flow-failed")), "accepted");
});

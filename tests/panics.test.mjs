// A panic or trap inside an object: the edge returns an error within seconds to the sender and to every
// other request in flight, and the alarm takes up what it interrupted. Uses builds in which the text of an event can force a
// panic; see src/cloudflare/forced_panics.rs.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { SIGNATURE_HEADER, sign } from "../dev/kombo.mjs";
import { startWorker } from "../dev/worker.mjs";
import { SECRET, TOKENS, ask, deliver, document, eventually } from "./testbed.mjs";
import { makeEvent, post, problem, startTestbed } from "./testbed.mjs";

const buildIn = (folder) => fileURLToPath(new URL(`../${folder}`, import.meta.url));

/** A testbed with a Worker that can be made to panic, and is otherwise the deployed build. */
const startTestbedWithPanics = (t, { bindings } = {}) =>
  startTestbed(t, {
    buildDir: buildIn("build-panics"),
    bindings: { ...bindings, FORCED_PANICS: "yes" },
  });

const forcing = (end) => makeEvent("connection-flow-failed", { organization: `forced ${end}` });

test("a panic while an event is handled returns a 503, and the next event is accepted", async (t) => {
  const { edge, log } = await startTestbedWithPanics(t);
  const event = forcing("panic in fetch");
  const response = await post(edge, JSON.stringify(event));
  assert.equal(response.status, 503);
  assert.ok(Number(response.headers.get("retry-after")) > 0);
  assert.equal(await problem(response), "not-stored");
  const panic = log.find(({ fields }) => fields?.event === "panic");
  assert.match(panic.fields.reason, /^at src\/cloudflare\/forced_panics\.rs:\d+/);
  assert.ok(
    !log.some(({ message }) => message.includes("forced panic")),
    "the panic message is not logged",
  );
  const healthy = makeEvent("connection-flow-failed");
  assert.equal(await deliver(edge, healthy), "accepted");
});

test("a panic while an API request is handled returns its own kind of 503", async (t) => {
  const { edge } = await startTestbedWithPanics(t, { bindings: TOKENS });
  const path = `/v1/customers/${encodeURIComponent("forced panic in fetch")}`;
  const response = await ask(edge, path, { method: "DELETE" });
  assert.equal(response.status, 503);
  assert.equal(await problem(response), "no-reply");
  assert.equal((await ask(edge, "/v1/customers/42")).status, 404);
});

// After a trap no code of the module runs, so only the platform logs it.
for (const { end, logged } of [
  { end: "panic", logged: 1 },
  { end: "trap", logged: 0 },
]) {
  test(`what a ${end} interrupts after the commit is done by the alarm`, async (t) => {
    const { edge, log, slack } = await startTestbedWithPanics(t);
    const organization = `forced ${end} in run`;
    const event = makeEvent("connection-flow-failed", { organization });
    // The event is stored, but its response may be lost with the instance.
    const { status } = await post(edge, JSON.stringify(event));
    assert.ok([200, 503].includes(status), `${status}`);
    const [message] = await slack.waitFor(1, { timeoutMs: 60_000 });
    assert.ok(message.json.text.startsWith(`🔴 ${organization} could not connect`));
    const panics = log.filter(({ fields }) => fields?.event === "panic");
    assert.equal(panics.length, logged);
    await deliver(edge, makeEvent("integration-created"));
    await document(edge, "customer:org_7741");
  });
}

test("a trap while an event is handled returns a 503, and the next event is accepted", async (t) => {
  const { edge } = await startTestbedWithPanics(t);
  const event = forcing("trap in fetch");
  const response = await post(edge, JSON.stringify(event));
  assert.equal(response.status, 503);
  assert.equal(await problem(response), "not-stored");
  assert.equal(await deliver(edge, makeEvent("connection-flow-failed")), "accepted");
});

/** A delivery with a body that never ends. */
function neverEnding(edge) {
  const event = JSON.stringify(makeEvent("connection-flow-failed"));
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(event)),
  });
  const headers = { [SIGNATURE_HEADER]: sign(event, SECRET) };
  return edge.fetch("/webhooks/kombo", { method: "POST", body, headers, duplex: "half" });
}

for (const end of ["panic in fetch", "trap in fetch"]) {
  test(`a ${end} returns a 503 to every other request in flight`, async (t) => {
    const { edge } = await startTestbedWithPanics(t);
    const waiting = [neverEnding(edge), neverEnding(edge)];
    // Once a delivery that was sent after them has been answered, both have reached the Worker.
    assert.equal(await deliver(edge, makeEvent("connection-flow-failed")), "accepted");
    assert.equal((await post(edge, JSON.stringify(forcing(end)))).status, 503);
    for (const response of await Promise.all(waiting)) {
      assert.equal(response.status, 503);
      assert.equal(await problem(response), "not-stored");
    }
  });
}

// A testbed forbids such a message, so this test starts the Worker without one.
test("a development build logs the message of a panic", async (t) => {
  const log = [];
  const edge = await startWorker({
    buildDir: buildIn("build-development"),
    bindings: { KOMBO_WEBHOOK_SECRET: SECRET, FORCED_PANICS: "yes" },
    onLog: ({ message }) => log.push(message),
  });
  t.after(() => edge.dispose());
  assert.equal((await post(edge, JSON.stringify(forcing("panic in fetch")))).status, 503);
  await eventually(() => log.some((message) => message.includes("forced panic in fetch")));
});

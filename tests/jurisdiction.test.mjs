// Where objects are stored. The local runtime does not support jurisdictions: that objects are looked up
// in the right one is tested with bindings that do (jurisdictions.mjs), and that they are looked up
// nowhere else with the runtime's own bindings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TOKENS, ask, deliver, document, failure, keys } from "./testbed.mjs";
import { logged, makeEvent, post, problem, startTestbed } from "./testbed.mjs";

const HEX = "0".repeat(64);

/** The objects that are looked up while events are received, processed and reported. */
async function lookups(t, bindings) {
  const { edge, slack } = await startTestbed(t, {
    bindings: { ...TOKENS, ...bindings },
    wrappers: ["jurisdictions"],
  });
  assert.equal(await deliver(edge, makeEvent("integration-created")), "accepted");
  await document(edge, "customer:org_7741");
  assert.equal(await deliver(edge, failure("42")), "accepted");
  await slack.waitFor(1);
  await ask(edge, `/v1/objects/customer/${HEX}/rebuild`, { method: "POST" });
  return (await edge.fetch("/__jurisdictions")).json();
}

test("all objects are looked up in their jurisdiction, by name and by id", async (t) => {
  const found = await lookups(t, { JURISDICTION: "eu" });
  for (const begin of ["integration/", "customer/", "notifier/main", HEX])
    assert.ok(
      found.some(({ id }) => id.startsWith(begin)),
      begin,
    );
  assert.deepEqual(
    found.filter(({ jurisdiction }) => jurisdiction !== "eu"),
    [],
  );
});

test("without a jurisdiction, objects are those of the binding", async (t) => {
  const found = await lookups(t, {});
  assert.ok(found.length > 0);
  assert.deepEqual(
    found.filter(({ jurisdiction }) => jurisdiction !== undefined),
    [],
  );
});

test("an unknown jurisdiction stops the intake and is reported", async (t) => {
  const { edge, log } = await startTestbed(t, { bindings: { ...TOKENS, JURISDICTION: "europe" } });
  const answer = await post(edge, JSON.stringify(failure("42")));
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get("retry-after"), "30");
  assert.equal(await problem(answer), "not-configured");
  const intake = await edge.fetch("/healthz/intake");
  assert.equal(intake.status, 503);
  assert.deepEqual((await intake.json()).settings, ["JURISDICTION"]);
  const { reason } = await logged(log, "configuration", "invalid");
  assert.match(reason, /^JURISDICTION must be `eu`.*Set the value of the first deployment/);
  assert.equal((await ask(edge, "/v1/customers/42")).status, 503);
});

test("what belongs in a jurisdiction is not stored if the runtime has none", async (t) => {
  const { edge } = await startTestbed(t, { bindings: { JURISDICTION: "eu" }, persist: true });
  assert.equal((await edge.fetch("/healthz/intake")).status, 200);
  const answer = await post(edge, JSON.stringify(failure("42")));
  assert.equal(await problem(answer), "not-stored");
  assert.deepEqual(await keys(edge), []);
});

test("a blank jurisdiction is the same as none", async (t) => {
  const { edge } = await startTestbed(t, { bindings: { JURISDICTION: " " } });
  assert.equal(await deliver(edge, failure("42")), "accepted");
});

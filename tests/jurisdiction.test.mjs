// Where objects live. The local runtime knows no jurisdictions: that objects are looked for in the right
// one is tested with bindings that have some (jurisdictions.mjs), and that they are looked for nowhere
// else with the runtime's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TOKENS, ask, deliver, document, failure, keys } from "./stand.mjs";
import { logged, makeEvent, post, problem, stand } from "./stand.mjs";

const HEX = "0".repeat(64);

/** The objects that are looked for while an event comes in, is handed over and told. */
async function lookedFor(t, bindings) {
  const { edge, slack } = await stand(t, {
    bindings: { ...TOKENS, ...bindings },
    fronts: ["jurisdictions"],
  });
  assert.equal(await deliver(edge, makeEvent("integration-created")), "accepted");
  await document(edge, "customer:org_7741");
  assert.equal(await deliver(edge, failure("42")), "accepted");
  await slack.waitFor(1);
  await ask(edge, `/v1/objects/customer/${HEX}/rebuild`, { method: "POST" });
  return (await edge.fetch("/__jurisdictions")).json();
}

test("all objects are looked for in their jurisdiction, by name and by id", async (t) => {
  const looked = await lookedFor(t, { JURISDICTION: "eu" });
  for (const begin of ["integration/", "customer/", "notifier/main", HEX])
    assert.ok(
      looked.some(({ id }) => id.startsWith(begin)),
      begin,
    );
  assert.deepEqual(
    looked.filter(({ jurisdiction }) => jurisdiction !== "eu"),
    [],
  );
});

test("without a jurisdiction objects are those of the binding", async (t) => {
  const looked = await lookedFor(t, {});
  assert.ok(looked.length > 0);
  assert.deepEqual(
    looked.filter(({ jurisdiction }) => jurisdiction !== undefined),
    [],
  );
});

test("an unknown jurisdiction stops the intake, and is named", async (t) => {
  const { edge, log } = await stand(t, { bindings: { ...TOKENS, JURISDICTION: "europe" } });
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

test("what a jurisdiction should hold is not stored where there is none", async (t) => {
  const { edge } = await stand(t, { bindings: { JURISDICTION: "eu" }, persist: true });
  assert.equal((await edge.fetch("/healthz/intake")).status, 200);
  const answer = await post(edge, JSON.stringify(failure("42")));
  assert.equal(await problem(answer), "not-stored");
  assert.deepEqual(await keys(edge), []);
});

test("without a jurisdiction nothing changes", async (t) => {
  const { edge } = await stand(t, { bindings: { JURISDICTION: " " } });
  assert.equal(await deliver(edge, failure("42")), "accepted");
});

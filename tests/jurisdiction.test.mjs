// Where objects live. The local runtime knows no jurisdictions, so that an object is looked for in the
// right one is tested on the platform's JavaScript alone; that it is never looked for elsewhere, on the
// runtime.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tell } from "../src/cloudflare/platform.js";
import { TOKENS, ask, deliver, failure, keys, logged, post, problem, stand } from "./stand.mjs";

const HEX = "0".repeat(64);
const LIMIT_MS = 10_000;

/** A binding that notes which object was told something, and in which jurisdiction. */
function binding(told, jurisdiction) {
  const id = (text) => ({ jurisdiction, text });
  return {
    jurisdiction: (name) => binding(told, name),
    idFromName: id,
    idFromString: id,
    get: (id) => ({
      hear: async () => {
        told.push(id);
        return "told";
      },
    }),
  };
}

test("an object is looked for in its jurisdiction, by its name and by its id", async () => {
  const told = [];
  const env = { CUSTOMERS: binding(told) };
  for (const jurisdiction of ["eu", ""])
    for (const name of ["customer/name", HEX])
      assert.equal(await tell(env, "CUSTOMERS", jurisdiction, name, "{}", LIMIT_MS), "told");
  assert.deepEqual(told, [
    { jurisdiction: "eu", text: "customer/name" },
    { jurisdiction: "eu", text: HEX },
    { jurisdiction: undefined, text: "customer/name" },
    { jurisdiction: undefined, text: HEX },
  ]);
});

test("an object is looked for nowhere else where the platform refuses the jurisdiction", async () => {
  const told = [];
  const refusing = { ...binding(told), jurisdiction: () => assert.fail("no such jurisdiction") };
  for (const name of ["customer/name", HEX])
    assert.equal(
      await tell({ CUSTOMERS: refusing }, "CUSTOMERS", "eu", name, "{}", LIMIT_MS),
      null,
    );
  assert.deepEqual(told, []);
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
  assert.match(reason, /^JURISDICTION is neither `eu`.*set what it was at the first deployment/);
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

// The Workers that the benchmark compares: each responds correctly in every scenario and does the same
// work, so that the comparison is fair. How fast they are is not tested here.

import assert from "node:assert/strict";
import { after, before as beforeAll, describe, test } from "node:test";
import { measure } from "../bench/compare/run.mjs";
import { goalsOf } from "../bench/compare/goals.mjs";
import { WORKERS, prepared } from "../bench/compare/peers.mjs";
import { THEMES, plotOf } from "../bench/compare/plots.mjs";
import { SCENARIOS, before, deliveriesOf } from "../bench/compare/scenarios.mjs";
import { ONE_EACH, checkFor, newTimes, sendAll, senderTo } from "../bench/compare/sender.mjs";
import { SECRET, open } from "../bench/compare/testbed.mjs";
import { bodyOf, deliver as deliverTo, makeEvent } from "../dev/kombo.mjs";
import { capture } from "../scripts/command.mjs";
import { inProject } from "../scripts/project.mjs";
import { TIMEOUT_MS, absent, document, eventually, keys } from "./testbed.mjs";

const FEW = 3;

const workers = await prepared();
const testbeds = {};
beforeAll(async () => {
  const opened = await Promise.all(workers.map((worker) => open(worker)));
  for (const testbed of opened) testbeds[testbed.worker.name] = testbed;
});
after(() => Promise.all(Object.values(testbeds).map(({ close }) => close())));

const post = ({ edge }, what, options) =>
  deliverTo(new URL("/webhooks/kombo", edge.url), what, { secret: SECRET, ...options });
const outcomeOf = async (testbed, event) => (await (await post(testbed, event)).json()).outcome;

// Each has its own process, and most of the time is spent waiting for a queue or for Slack's rate limit.
describe("in parallel", { concurrency: true }, () => {
  for (const worker of workers) describe(worker.name, () => testsOf(worker));
});

function testsOf(worker) {
  const name = worker.name;
  test(`${name} responds correctly in every scenario`, async () => {
    const sender = senderTo(testbeds[name].edge.url.origin, 1, ONE_EACH);
    const times = newTimes();
    for (const scenario of SCENARIOS) {
      const known = scenario.known(FEW).slice(0, FEW);
      const all = [...before(known), ...deliveriesOf(scenario, known, FEW)];
      // Throws at the first wrong response.
      await sendAll(sender, all, times, checkFor(worker));
    }
    await sender.close();
    assert.ok(times.totalCount >= SCENARIOS.length * FEW);
  });

  if (worker.answersAll) return;

  test(`${name} rejects what the contract rejects`, async () => {
    const statusOf = async (...args) => (await post(testbeds[name], ...args)).status;
    const event = makeEvent("data-changed");
    assert.equal(await statusOf(event, { secret: "another" }), 401);
    assert.equal(await statusOf(event, { headers: { "X-Kombo-Signature": undefined } }), 401);
    assert.equal(await statusOf("{"), 400);
    assert.equal(await statusOf(new Uint8Array([0x7b, 0xff, 0x7d])), 400);
    assert.equal(await statusOf(new Uint8Array(1_048_577)), 413);
  });

  test(`${name} ignores what is signed and not an event`, async () => {
    const tooLong = bodyOf({ ...makeEvent("data-changed"), id: "x".repeat(257) });
    for (const body of ["[1]", "{}", tooLong])
      assert.equal(await outcomeOf(testbeds[name], body), "ignored");
  });

  test(`${name} writes the same mapping, and quarantines what it cannot read`, async () => {
    const { edge } = testbeds[name];
    const [originId, integrationId] = [`mapped by ${name}`, "personio:CBNMt7dSNCzBdnRTx87dev4E"];
    const changes = { originId, integrationId, tool: "personio", category: "HRIS" };
    assert.equal(
      await outcomeOf(testbeds[name], makeEvent("integration-created", changes)),
      "accepted",
    );
    const customer = await document(edge, `customer:${originId}`);
    assert.deepEqual(customer.current, { HRIS: integrationId });
    const integration = await document(edge, `integration:${integrationId}`);
    assert.equal(integration.origin_id, originId);
    assert.equal(
      await outcomeOf(testbeds[name], makeEvent("integration-deleted", changes)),
      "accepted",
    );
    for (const key of [`customer:${originId}`, `integration:${integrationId}`])
      await absent(edge, key);
    const broken = { ...makeEvent("integration-created"), data: {} };
    assert.equal(await outcomeOf(testbeds[name], broken), "quarantined");
    await document(edge, `quarantine:${broken.id}`);
  });

  test(`${name} reports a first failure and counts the next`, async () => {
    const { slack, edge } = testbeds[name];
    const organization = `reported by ${name}`;
    const failure = () =>
      makeEvent("connection-flow-failed", { originId: organization, organization });
    const about = ({ text }) => text.includes(`${organization} could not connect`);
    assert.equal(await outcomeOf(testbeds[name], failure()), "accepted");
    await slack.waitFor(1, { where: about, timeoutMs: TIMEOUT_MS });
    assert.equal(await outcomeOf(testbeds[name], failure()), "accepted");
    await testbeds[name].atRest();
    assert.equal(slack.messages.filter(about).length, 1);
    await eventually(async () => (await keys(edge, "incident:")).length > 0, "an incident");
  });
}

describe("the TypeScript Worker, which makes the same promises as kombo-edge,", () => {
  test("keeps an integration deleted even if its creation is reported late", async () => {
    const { edge } = testbeds.TypeScript;
    const changes = { originId: "late", integrationId: "personio:8KqVz3TmRc5WxNp2LsYhBd7G" };
    await outcomeOf(testbeds.TypeScript, makeEvent("integration-deleted", changes));
    await outcomeOf(testbeds.TypeScript, makeEvent("integration-created", changes));
    await testbeds.TypeScript.atRest();
    assert.deepEqual(await keys(edge, "customer:late"), []);
    assert.deepEqual(await keys(edge, `integration:${changes.integrationId}`), []);
  });

  test("posts at most once a second, combines a storm, and continues after Slack has failed", async () => {
    const { slack } = testbeds.TypeScript;
    await testbeds.TypeScript.atRest();
    slack.clear();
    slack.answerWith([{ status: 503 }]);
    const names = Array.from({ length: 8 }, (_, at) => `stormy ${at}`);
    for (const name of names) {
      const changes = { originId: name, organization: name };
      await outcomeOf(testbeds.TypeScript, makeEvent("connection-flow-failed", changes));
    }
    const isReported = (name) =>
      slack.accepted().some(({ text }) => text.includes(`${name} could`));
    await eventually(() => names.every(isReported), "every alert");
    assert.ok(slack.messages.length < names.length);
    const at = slack.messages.map((message) => message.at);
    for (const [one, next] of at.slice(1).map((time, index) => [at[index], time]))
      assert.ok(next - one >= 990, `${next - one} ms between two messages`);
  });
});

test("the peers pass the type check", () => {
  const tsc = inProject("node_modules", "typescript", "bin", "tsc");
  const project = inProject("bench", "peers", "tsconfig.json");
  const { ok, output } = capture(process.execPath, [tsc, "--noEmit", "-p", project]);
  assert.ok(ok, output);
});

test("a run produces figures, goals and plots", async () => {
  const settings = { rounds: 1, connections: 2, scale: 0.002, kv: "memory" };
  const figures = await measure(settings, "ignored event");
  const [scenario] = figures.scenarios;
  assert.deepEqual(
    scenario.workers.map(({ worker }) => worker),
    WORKERS.map(({ name }) => name),
  );
  assert.ok(goalsOf(figures).length > 0);
  for (const colours of Object.values(THEMES)) assert.match(plotOf(scenario, colours), /^<svg /);
});

test("every customer is found by reads after its event was accepted", async () => {
  // Rejects if one is not found.
  const [ours] = (await measure({ reads: 64, withPeers: false }, "reads")).reads;
  assert.equal(ours.reads, 64);
});

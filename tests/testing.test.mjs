// `kombo-edge/testing`, as the tests of a backend use it.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startEdge } from "kombo-edge/testing";
import { behaviors } from "../dev/slack-behaviors.mjs";
import { capture } from "../scripts/command.mjs";
import { inProject } from "../scripts/project.mjs";

/** An edge for one test. */
async function start(t, options) {
  const edge = await startEdge(options);
  t.after(() => edge.dispose());
  return edge;
}

const texts = ({ messages }) => messages.map(({ text }) => text);

describe("the double for the tests of a backend", { concurrency: 3 }, () => {
  test("has the mapping when a customer has connected a tool", async (t) => {
    const edge = await start(t);
    assert.equal(await edge.mapping("36123"), null);
    const id = await edge.kombo.connects("36123", "hibob");
    const { current, integrations, organization_name, environment } = await edge.mapping("36123");
    assert.deepEqual(current, { HRIS: id });
    assert.deepEqual([integrations[0].tool, integrations[0].usable], ["hibob", true]);
    assert.deepEqual([organization_name, environment], ["Customer 36123", "production"]);
    assert.equal((await edge.integration(id)).origin_id, "36123");
    assert.equal(await edge.kombo.connects("36123", "hibob"), id, "the id is the same each time");
  });

  test("shows each state that Kombo reports, until the integration is deleted", async (t) => {
    const edge = await start(t);
    const details = { category: "ATS", organization: "Acme, Inc.", integrationId: "greenhouse:1" };
    assert.equal(await edge.kombo.connects("42", "greenhouse", details), "greenhouse:1");
    for (const [state, usable] of [
      [{ setupStatus: "INCOMPLETE" }, false],
      [{}, true],
      [{ state: "INVALID" }, false],
      [{ qaStatus: "FAILED" }, false],
      [{ qaStatus: "PASSED" }, true],
    ]) {
      await edge.kombo.reports("greenhouse:1", state);
      assert.equal((await edge.integration("greenhouse:1")).usable, usable, JSON.stringify(state));
    }
    assert.equal((await edge.mapping("42")).organization_name, "Acme, Inc.");
    await edge.kombo.deletes("greenhouse:1");
    assert.equal(await edge.mapping("42"), null);
    await assert.rejects(edge.kombo.reports("greenhouse:1"), /connect it first/);
  });

  test("has the message when a customer could not connect, and the clock brings the next", async (t) => {
    const edge = await start(t);
    await edge.kombo.failsToConnect("36123", "personio", { organization: "Acme, Inc." });
    assert.match(texts(edge.slack)[0], /Acme, Inc\. could not connect Personio/);
    assert.deepEqual([edge.slack.messages[0].channel, edge.slack.messages.length], ["team", 1]);
    await edge.kombo.failsToConnect("36123", "personio", { organization: "Acme, Inc." });
    assert.equal(edge.slack.messages.length, 1, "repeats wait");
    const before = edge.clock.now();
    await edge.clock.advance({ minutes: 16 });
    assert.equal(edge.slack.messages.length, 2);
    assert.match(texts(edge.slack)[1], /could not connect Personio \(HRIS\): 2 attempts/);
    assert.ok(edge.clock.now() - before >= 16 * 60_000);
    assert.ok(Math.abs(edge.clock.now() - Date.now()) >= 16 * 60_000);
    await assert.rejects(async () => edge.clock.advance({ weeks: 1 }), /Unknown unit "weeks"/);
  });

  test("lets Slack fail, and keeps messages over a restart until it is back", async (t) => {
    const edge = await start(t);
    edge.slack.behave("down");
    await edge.kombo.failsToConnect("36123", "personio");
    assert.deepEqual(edge.slack.messages, []);
    await edge.restart();
    edge.slack.behave("fine");
    await edge.clock.advance({ hours: 1 });
    assert.match(texts(edge.slack)[0], /could not connect Personio/);
    edge.slack.clear();
    assert.deepEqual(edge.slack.messages, []);
    assert.throws(() => edge.slack.behave("odd"), /cannot behave "odd", only: fine, /);
  });

  test("waits for messages of several customers", async (t) => {
    const edge = await start(t);
    await edge.kombo.failsToConnect("1", "personio");
    await edge.kombo.failsToConnect("2", "personio");
    const [first, second] = await edge.slack.waitFor(2);
    assert.match(first.text, /Customer 1/);
    assert.match(second.text, /Customer 2/);
    await assert.rejects(edge.slack.waitFor(3, { timeoutMs: 20 }), /Slack got 2 of 3 messages/);
  });

  test("has the API, and takes settings and any event", async (t) => {
    const edge = await start(t, { settings: { ENVIRONMENT: "staging" } });
    const event = edge.kombo.event("connection-flow-failed", { originId: "42" });
    assert.equal(await edge.kombo.send(event), "accepted");
    assert.equal(await edge.kombo.send(event), "duplicate");
    const { incidents } = await (await edge.api("/v1/incidents")).json();
    assert.equal(incidents[0].origin_id, "42");
    const json = { origin_id: "43" };
    const path = "/v1/integrations/x%3A1/customer";
    const refused = await edge.api(path, { method: "PUT", json, token: edge.readToken });
    assert.equal(refused.status, 401);
    assert.equal((await edge.api(path, { method: "PUT", json })).status, 200);
    assert.equal((await edge.integration("x:1")).environment, "staging");
    assert.ok(edge.log.some(({ fields }) => fields?.outcome === "duplicate"));
  });

  test("says why kombo-edge does not take an event", async (t) => {
    const edge = await start(t, { settings: { KOMBO_WEBHOOK_SECRET: "another" } });
    await assert.rejects(
      edge.kombo.connects("42", "hibob"),
      /kombo-edge answered 401: .*signature/,
    );
  });

  test("says why a backend cannot be bundled, and that there is none", async (t) => {
    const edge = await start(t);
    await assert.rejects(edge.fetchBackend("/"), /was given no `backend`/);
    const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const config = join(folder, "wrangler.toml");
    const head = 'name = "x"\nmain = "index.js"\ncompatibility_date = "2026-11-17"\n';
    writeFileSync(config, head);
    writeFileSync(join(folder, "index.js"), 'import "./missing.js";');
    await assert.rejects(startEdge({ backend: { config } }), /cannot be bundled:\n[^]*missing\.js/);
  });
});

test("the double leaves nothing behind", async (t) => {
  const { TMPDIR } = process.env;
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  t.after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true });
  });
  process.env.TMPDIR = folder;
  const edge = await startEdge();
  assert.ok(readdirSync(folder).some((name) => name.startsWith("kombo-edge-testing-")));
  await edge[Symbol.asyncDispose]();
  assert.deepEqual(readdirSync(folder), []);
  await assert.rejects(fetch(edge.url));
});

test("the types of the double compile, wrong uses are errors, and every behavior of Slack is named", () => {
  const tsc = inProject("node_modules", "typescript", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--target", "esnext", "--lib", "esnext,dom"];
  const file = inProject("tests", "types", "double.ts");
  const args = [tsc, ...options, "--module", "nodenext", "--types", "", file];
  const { ok, output } = capture(process.execPath, args);
  assert.ok(ok, output);
  const types = readFileSync(inProject("testing", "index.d.ts"), "utf8");
  const [, union] = types.match(/type SlackBehavior =([^;]+);/);
  assert.deepEqual(
    [...union.matchAll(/"(\w+)"/g)].map(([, name]) => name),
    behaviors.map(({ name }) => name),
  );
});

// The API on the real runtime: who may use it, the status of the Notifiers, and mutes.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SIGNATURE_HEADER } from "../dev/kombo.mjs";
import {
  TOKENS,
  ask,
  deliver,
  eventually,
  failure,
  key,
  document,
  makeEvent,
  post,
  problem,
  startTestbed,
} from "./testbed.mjs";

const HOUR_MS = 3_600_000;

const isoIn = (ms) => new Date(Date.now() + ms).toISOString();

describe("the API", { concurrency: true }, () => {
  test("is disabled while no token is configured", async (t) => {
    const { edge } = await startTestbed(t);
    const response = await ask(edge, "/v1/status");
    assert.equal(response.status, 503);
    assert.equal(await problem(response), "api-disabled");
  });

  test("accepts the tokens that are configured, several for rotation, and no others", async (t) => {
    const API_TOKEN = `older-token-0123456789 ${TOKENS.API_TOKEN}`;
    const { edge } = await startTestbed(t, { bindings: { ...TOKENS, API_TOKEN } });
    for (const token of ["older-token-0123456789", TOKENS.API_TOKEN, TOKENS.API_READ_TOKEN]) {
      assert.equal((await ask(edge, "/v1/status", { token })).status, 200, token);
    }
    for (const token of [null, "", "wrong-token-0123456789", API_TOKEN]) {
      const response = await ask(edge, "/v1/status", { token });
      assert.equal(response.status, 401, token);
      assert.equal(response.headers.get("www-authenticate"), "Bearer");
      assert.equal(await problem(response), "token");
    }
    const mute = { method: "PUT", json: { tool: null, until: isoIn(HOUR_MS) } };
    const reading = { ...mute, token: TOKENS.API_READ_TOKEN };
    assert.equal((await ask(edge, "/v1/customers/42/mute", reading)).status, 401);
    assert.equal((await ask(edge, "/v1/customers/42/mute", mute)).status, 200);
  });

  test("answers HEAD like GET, and other methods with those that the path allows", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const head = await ask(edge, "/v1/status", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    for (const [path, allow] of [
      ["/v1/status", "GET, HEAD"],
      ["/v1/customers/42/mute", "PUT, DELETE"],
    ]) {
      const response = await ask(edge, path, { method: "POST" });
      assert.equal(response.status, 405);
      assert.equal(response.headers.get("allow"), allow);
    }
  });

  test("reports the status of both Notifiers, Slack's error and the remedy", async (t) => {
    const answers = [{ status: 410, body: "channel_is_archived" }];
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS, slack: { answers } });
    await deliver(edge, failure("first-customer"));
    await slack.waitFor(1);
    await post(edge, "{}", { [SIGNATURE_HEADER]: "A".repeat(43) });
    const status = await eventually(async () => {
      const status = await (await ask(edge, "/v1/status")).json();
      const { team, watch } = status;
      return team.slack.said !== null && watch.refused_signatures_24h > 0 && status;
    }, "the whole status");
    assert.equal(status.environment, "production");
    assert.match(status.version, /^\d+\.\d+\.\d+$/);
    const { team, watch } = status;
    assert.equal(team.waiting, 1);
    assert.match(team.oldest_at, /^\d{4}-/);
    assert.equal(team.slack.failing, true);
    assert.equal(team.slack.reason, "Slack answered 410: channel_is_archived");
    assert.match(team.slack.remedy, /unarchive/);
    assert.equal(watch.refused_signatures_24h, 1);
    assert.match(watch.last_event_at, /^\d{4}-/);
    assert.equal(watch.late_customers, 0);
    assert.equal(status.engineers.waiting, 0);
  });
});

describe("a mute", { concurrency: true }, () => {
  test("silences a customer with an id that needs encoding, is listed, and can be ended", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    const originId = "a/b c 🦉";
    const path = `/v1/customers/${encodeURIComponent(originId)}/mute`;
    const until = isoIn(24 * HOUR_MS);
    const muted = await ask(edge, path, { method: "PUT", json: { tool: "hibob", until } });
    assert.deepEqual(await muted.json(), { muted: [{ tool: "hibob", until }] });
    await deliver(edge, failure(originId));
    const incident = await document(edge, await key(edge, "incident:"));
    assert.equal(incident.muted_until, until);
    await deliver(edge, failure("other-customer"));
    const [first] = await slack.waitFor(1);
    assert.ok(first.text.includes("other-customer"));
    const ended = await ask(edge, `${path}?tool=hibob`, { method: "DELETE" });
    assert.deepEqual(await ended.json(), { muted: [] });
    const [, second] = await slack.waitFor(2);
    assert.match(second.json.text, /still not connected/);
  });

  test("must end within thirty days, and may name a tool", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const until = isoIn(HOUR_MS);
    for (const [json, kind] of [
      [[], "bad-body"],
      ["text", "bad-body"],
      [{ tool: null }, "bad-until"],
      [{ tool: null, until: "tomorrow" }, "bad-until"],
      [{ tool: null, until: isoIn(-1_000) }, "bad-until"],
      [{ tool: null, until: isoIn(31 * 24 * HOUR_MS) }, "bad-until"],
      [{ tool: 7, until }, "bad-tool"],
      [{ tool: "", until }, "bad-tool"],
    ]) {
      const response = await ask(edge, "/v1/customers/42/mute", { method: "PUT", json });
      assert.equal(response.status, 400, JSON.stringify(json));
      assert.equal(await problem(response), kind);
    }
    const long = `/v1/customers/${"x".repeat(600)}/mute`;
    const response = await ask(edge, long, { method: "PUT", json: { tool: null, until } });
    assert.equal(await problem(response), "bad-id");
    const big = await edge.fetch("/v1/customers/42/mute", {
      method: "PUT",
      body: `{"tool":"${"x".repeat(1_050_000)}"}`,
      headers: { authorization: `Bearer ${TOKENS.API_TOKEN}` },
    });
    assert.equal(big.status, 413);
  });

  test("survives a crash", async (t) => {
    const it = await startTestbed(t, { bindings: TOKENS, persist: true });
    const json = { tool: null, until: isoIn(HOUR_MS) };
    await ask(it.edge, "/v1/customers/42/mute", { method: "PUT", json });
    await it.crash();
    await deliver(it.edge, failure("42"));
    await deliver(it.edge, makeEvent("connection-flow-failed", { originId: "43" }));
    const [message] = await it.slack.waitFor(1);
    assert.ok(message.text.includes("43"));
  });
});

// `npm run doctor` against the local runtime: it reports that all is well, and it reports each fault.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { SIGNATURE_HEADER, sign } from "../dev/kombo.mjs";
import { inProject } from "../scripts/project.mjs";
import { SECRET, TOKENS, ask, deliver, eventually, failKv, failure } from "./testbed.mjs";
import { setClockAhead, healthOf, makeEvent, post, startTestbed } from "./testbed.mjs";

const GIVEN = { KOMBO_WEBHOOK_SECRET: SECRET, ...TOKENS };

/** Runs the doctor. Returns its exit code, its output, and its findings by the name of the check. */
async function examine(url, { env = GIVEN, args = [] } = {}) {
  const program = [inProject("bin", "kombo-edge.mjs"), "doctor"];
  const none = { KOMBO_WEBHOOK_SECRET: "", API_TOKEN: "", API_READ_TOKEN: "" };
  const child = spawn(process.execPath, [...program, "--url", String(url), "--json", ...args], {
    env: { ...process.env, ...none, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const report = out.startsWith("{") ? JSON.parse(out) : undefined;
  for (const secret of [SECRET, ...Object.values(TOKENS)])
    assert.ok(!`${out}${error}`.includes(secret), out);
  const found = Object.fromEntries(report?.findings.map((one) => [one.name, one]) ?? []);
  return { code, printed: out + error, verdict: report?.verdict, found };
}

/** The names of the checks that did not succeed. */
const failedChecks = ({ found }) =>
  Object.values(found).flatMap(({ name, result }) => (result === "well" ? [] : [name]));

describe("the doctor", { concurrency: true }, () => {
  test("reports that all is well, and leaves nothing behind but a message", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    const it = await examine(edge.url);
    assert.deepEqual(failedChecks(it), [], it.printed);
    assert.equal(it.code, 0);
    assert.equal(it.verdict, "well");
    assert.match(it.found.events.says, /No event from Kombo has arrived yet/);
    assert.equal(slack.messages.length, 1);
    assert.deepEqual((await (await edge.kv()).list()).keys, []);

    const again = await examine(edge.url, { args: ["--no-alert"] });
    assert.equal(again.code, 0, again.printed);
    assert.equal(slack.messages.length, 1, "none is sent with --no-alert");
  });

  test("waits for the version that was deployed, and reports that another one runs", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    // Stands before the Worker, and answers as an older version as long as it should.
    let old = 2;
    const server = createServer(async (request, response) => {
      const { method, headers, url } = request;
      const isHealth = url === "/healthz";
      if (isHealth) old -= 1;
      const body = method === "POST" ? await text(request) : undefined;
      const answer = await edge.fetch(url, { method, headers, body });
      const own = await answer.text();
      const shown =
        isHealth && old >= 0 ? JSON.stringify({ ...JSON.parse(own), version: "0.0.1" }) : own;
      response.writeHead(answer.status, { "content-type": "application/json" }).end(shown);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const url = `http://127.0.0.1:${server.address().port}`;

    const waited = await examine(url, { args: ["--wait", "60", "--no-alert"] });
    assert.equal(waited.code, 0, waited.printed);
    assert.ok(old < 0, "it asked until the version was there");

    old = 1_000;
    const missed = await examine(url, { args: ["--wait", "0", "--no-alert"] });
    assert.equal(missed.code, 1, missed.printed);
    assert.deepEqual(failedChecks(missed), ["version"]);
    assert.match(missed.found.version.says, /runs version 0\.0\.1, and not \d/);
    const wrong = await examine(url, { args: ["--wait", "soon"] });
    assert.match(wrong.printed, /--wait must be a number of seconds, not "soon"/);
  });

  test("reports a secret that is not the Worker's, and events that the Worker rejects", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await post(edge, "{}", { "X-Kombo-Signature": "A".repeat(43) });
    const it = await examine(edge.url, { env: { ...GIVEN, KOMBO_WEBHOOK_SECRET: "another" } });
    assert.equal(it.code, 1);
    assert.deepEqual(failedChecks(it), ["events", "signature-right"], it.printed);
    assert.match(it.found.events.says, /1 were rejected for their signatures/);
    assert.match(it.found["signature-right"].remedy, /npm run setup/);
  });

  test("reports deliveries that were rejected by kind, and those that Kombo sent to another path", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    // The isolate reports the first rejected delivery at once, and the others with the next valid one.
    for (const signature of ["sha256=x", "A".repeat(43)])
      await post(edge, "{}", { "X-Kombo-Signature": signature });
    await edge.fetch("/webhooks/kombo", { method: "POST", body: "{}" });
    const headers = { [SIGNATURE_HEADER]: sign("{}", SECRET) };
    await edge.fetch("/webhook", { method: "POST", body: "{}", headers });
    await post(edge, JSON.stringify(makeEvent("data-changed")));
    await eventually(async () => {
      const { watch } = await (await ask(edge, "/v1/status")).json();
      return watch.misdirected_24h === 1;
    }, "the counts");
    const it = await examine(edge.url, { args: ["--no-alert"] });
    assert.deepEqual(failedChecks(it), ["path"], it.printed);
    assert.match(it.found.path.remedy, /Correct the webhook's URL/);
    for (const kind of [/1 with a wrong/, /1 with a signature of another form/, /1 without a/])
      assert.match(it.found.events.says, kind);
  });

  test("names Cloudflare's bot protection in front of the Worker", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    for (const [isChallenged, failed] of [
      [() => true, ["bot-protection"]],
      [({ method }) => method === "POST", ["signature-wrong", "signature-right"]],
    ]) {
      const proxy = createServer(async (request, response) => {
        if (isChallenged(request))
          return response.writeHead(403, { "cf-mitigated": "challenge" }).end("<html>");
        const { authorization = "" } = request.headers;
        const answer = await edge.fetch(request.url, { headers: { authorization } });
        return response.writeHead(answer.status).end(await answer.text());
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
      t.after(() => proxy.close());
      const it = await examine(`http://127.0.0.1:${proxy.address().port}`, {
        args: ["--no-alert"],
      });
      assert.equal(it.code, 1, it.printed);
      assert.deepEqual(failedChecks(it), failed, it.printed);
      assert.match(it.found[failed[0]].says, /bot protection.*403, cf-mitigated: challenge/);
      assert.match(it.found[failed[0]].remedy, /Bot Fight Mode[^]*Skip for/);
    }
  });

  test("reports a token that is not the Worker's, and what it could not check", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    const other = await examine(edge.url, { env: { ...GIVEN, API_TOKEN: "x".repeat(16) } });
    assert.equal(other.code, 1);
    assert.deepEqual(failedChecks(other), ["api-token"], other.printed);
    assert.match(other.found["api-token"].says, /is not the Worker's: .* answered 401/);
    assert.match(other.found["api-token"].remedy, /secret put API_TOKEN --name kombo-edge$/);
    const none = await examine(edge.url, { env: {} });
    assert.equal(none.code, 2);
    assert.deepEqual(failedChecks(none), ["api-token", "signature-right"], none.printed);
    assert.equal(slack.messages.length, 0);
  });

  test("does not count as Kombo, with a right or a wrong signature, and its run says so", async (t) => {
    const wrappers = ["shifted-clock"];
    const { edge } = await startTestbed(t, { bindings: TOKENS, wrappers });
    const watched = async () => (await (await ask(edge, "/v1/status")).json()).watch;
    for (const secret of [SECRET, "another"]) {
      const it = await examine(edge.url, { env: { ...GIVEN, KOMBO_WEBHOOK_SECRET: secret } });
      assert.match(it.found["signature-wrong"].says, /rejected\. The doctor's .* not counted/);
    }
    // An isolate reports what it counted with the next delivery after a minute.
    await setClockAhead(edge, 2);
    await post(edge, "{}", { "X-Kombo-Signature": "A".repeat(43) });
    await eventually(async () => (await watched()).refused_signatures_24h > 0, "the report");
    const { last_event_at, refused_signatures_24h } = await watched();
    assert.equal(last_event_at, null);
    assert.equal(refused_signatures_24h, 1);
  });

  test("blames a token for 401 only", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    for (const status of [403, 404, 429, 500, 503]) {
      const proxy = createServer(async (request, response) => {
        const isAsked = request.headers.authorization !== undefined;
        const answer = await edge.fetch(request.url, { method: request.method });
        response.writeHead(isAsked ? status : answer.status).end(await answer.text());
      });
      proxy.listen(0, "127.0.0.1");
      await once(proxy, "listening");
      const url = `http://127.0.0.1:${proxy.address().port}`;
      const { found, code } = await examine(url, { args: ["--no-alert"] });
      proxy.close();
      assert.notEqual(code, 0);
      assert.equal(found["api-token"].result, "unasked");
      assert.match(found["api-token"].says, new RegExp(`answered ${status}`));
      assert.match(found["api-token"].remedy, /does not depend on the token/);
    }
  });

  test("reports missing tokens, a missing secret and an invalid setting", async (t) => {
    const bindings = { KOMBO_WEBHOOK_SECRET: "", ALERT_REPEAT_MINUTES: "often" };
    const { edge } = await startTestbed(t, { bindings });
    const it = await examine(edge.url);
    assert.equal(it.code, 1);
    const names = ["intake", "settings", "api", "signature-wrong", "signature-right"];
    assert.deepEqual(failedChecks(it), names, it.printed);
    assert.match(it.found.intake.says, /rejects Kombo's events: KOMBO_WEBHOOK_SECRET\./);
    assert.match(it.found.settings.says, /: ALERT_REPEAT_MINUTES\./);
  });

  test("reports a webhook that Slack revoked, with the remedy, even if this was already known", async (t) => {
    const answers = () => ({ status: 404, body: "no_service" });
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS, slack: { answers } });
    for (const when of ["at the first attempt", "when already known"]) {
      const it = await examine(edge.url);
      assert.equal(it.code, 1, it.printed);
      assert.deepEqual(failedChecks(it), ["alert"], when);
      assert.match(it.found.alert.says, /404: no_service\. Waiting: 1; none is lost/);
      assert.match(it.found.alert.remedy, /create a new one/);
    }
    assert.equal(slack.messages.length, 1);
    // What health knows about Slack may be five seconds old.
    await healthOf(edge, 503);
    const unknown = await examine(edge.url, { env: { KOMBO_WEBHOOK_SECRET: SECRET } });
    assert.equal(unknown.code, 1);
    assert.deepEqual(failedChecks(unknown), ["api-token", "slack"], unknown.printed);
  });

  test("reports that the engineers' channel is archived, and which alerts were given up", async (t) => {
    const answers = ({ path }) =>
      path.includes("/B001/")
        ? { status: 410, body: "channel_is_archived" }
        : { status: 400, body: "invalid_blocks" };
    const bindings = ({ opsUrl }) => ({ ...TOKENS, SLACK_OPS_URL: opsUrl });
    const { edge, slack } = await startTestbed(t, { bindings, slack: { answers } });
    await deliver(edge, failure("42"));
    const broken = makeEvent("integration-created");
    delete broken.data.id;
    await deliver(edge, broken);
    await slack.waitFor(3);
    await eventually(async () => {
      const { team, engineers } = await (await ask(edge, "/v1/status")).json();
      return team.undelivered === 1 && engineers.slack.failing;
    }, "both in the status");
    const it = await examine(edge.url, { args: ["--no-alert"] });
    assert.deepEqual(failedChecks(it).sort(), ["slack", "undelivered"], it.printed);
    assert.match(it.found.slack.remedy, /unarchive/);
  });

  test("reports that there is no webhook", async (t) => {
    const { edge } = await startTestbed(t, { bindings: { ...TOKENS, SLACK_WEBHOOK_URL: "" } });
    const it = await examine(edge.url);
    assert.equal(it.code, 1);
    assert.deepEqual(failedChecks(it), ["settings", "alert"], it.printed);
    assert.match(it.found.alert.remedy, /api\.slack\.com/);
  });

  test("reports documents that are behind", async (t) => {
    const wrappers = ["faulty-kv", "shifted-clock"];
    const { edge } = await startTestbed(t, { bindings: TOKENS, wrappers });
    await failKv(edge, "failed");
    await deliver(edge, makeEvent("integration-created", { originId: "42" }));
    await setClockAhead(edge, 11);
    assert.equal((await healthOf(edge, 503)).kv, "late");
    // That documents are behind is known before the reason is.
    const status = async () => (await ask(edge, "/v1/status")).json();
    await eventually(async () => (await status()).watch.late_reason !== "", "the reason");
    const it = await examine(edge.url, { args: ["--no-alert"] });
    assert.equal(it.code, 1);
    assert.ok(failedChecks(it).includes("documents"), it.printed);
    assert.match(it.found.documents.says, /behind since .*: Workers KV answered 503/);
  });

  test("exits with 2 if there is no Worker, or something else answers", async (t) => {
    const server = createServer((_, response) => response.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${server.address().port}`;
    t.after(() => server.close());
    const other = await examine(url);
    assert.equal(other.code, 2);
    assert.match(other.printed, /is not a kombo-edge Worker: \/healthz answered 200/);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const unreachable = await examine(url);
    assert.equal(unreachable.code, 2);
    assert.match(unreachable.printed, /could not be reached/);
    assert.equal((await examine("http://edge.example.com")).code, 2);
  });

  test("reports a clock that is wrong", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const proxy = createServer(async (request, response) => {
      const answer = await edge.fetch(request.url);
      response.setHeader("date", new Date(Date.now() - 90_000).toUTCString());
      response.writeHead(answer.status).end(await answer.text());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    t.after(() => proxy.close());
    const it = await examine(`http://127.0.0.1:${proxy.address().port}`, { env: {} });
    assert.match(it.found.clock.says, /differ by (8[5-9]|9[0-5]) s/);
  });
});

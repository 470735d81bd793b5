// Attacks by requests, on the real runtime: paths, methods, headers and bodies that pose as something
// else, try to exhaust a resource, or misuse a browser. docs/security.md lists what each test shows.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { SIGNATURE_HEADER, makeEvent, sign } from "../dev/kombo.mjs";
import { SECRET, TOKENS, ask, deliver, document, eventually, failure, keys } from "./testbed.mjs";
import { logged, post, problem, seenByKv, startTestbed } from "./testbed.mjs";

const MIB = 1024 * 1024;
const BODY = JSON.stringify(makeEvent("data-changed"));

/** Sends raw bytes, and returns the status of each response. */
async function raw(edge, text, answers = 1) {
  const socket = connect(Number(edge.url.port), "127.0.0.1");
  let got = "";
  socket.on("data", (chunk) => (got += chunk));
  const statuses = () => [...got.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status);
  const ended = new Promise((resolve) => socket.on("close", resolve));
  socket.write(text);
  await Promise.race([eventually(() => statuses().length >= answers, "the responses"), ended]);
  socket.destroy();
  return statuses().map(Number);
}

const request = (line, headers, body = "") =>
  [line, "host: localhost", ...headers, "", body].join("\r\n");

describe("an attack by a path or a method", { concurrency: true }, () => {
  test("reaches no route except by its exact path", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    for (const path of [
      "//v1/status",
      "/v1//status",
      "/v1/status/",
      "/V1/status",
      "/v1/Status",
      "/%76%31/status",
      "/v1%2Fstatus",
      "/v1/status%00",
      "/v1/status;x",
      "/v1/status.json",
      "/webhooks/kombo//",
      "//webhooks/kombo",
      "/webhooks%2Fkombo",
      "/healthz%2Fintake",
    ]) {
      const [status] = await raw(edge, request(`GET ${path} HTTP/1.1`, ["connection: close"]));
      assert.equal(status, 404, path);
    }
  });

  test("gains no access through dots or backslashes that resolve to a route", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    for (const path of [
      "/healthz/../v1/status",
      "/healthz/%2e%2e/v1/status",
      "/v1/customers/%2E%2E/status",
      "/healthz\\..\\v1\\status",
      "/v1/status?authorization=Bearer%20x",
      "/v1/status#x",
    ]) {
      const [status] = await raw(edge, request(`GET ${path} HTTP/1.1`, ["connection: close"]));
      assert.ok([400, 401].includes(status), `${path}: ${status}`);
    }
  });

  test("cannot override the method, and no other methods are accepted", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    await deliver(edge, makeEvent("integration-created", { originId: "first-customer" }));
    await document(edge, "customer:first-customer");
    const override = { "x-http-method-override": "DELETE", "x-method-override": "DELETE" };
    const token = { authorization: `Bearer ${TOKENS.API_READ_TOKEN}` };
    const path = "/v1/customers/first-customer?_method=DELETE";
    const got = await edge.fetch(path, { headers: { ...override, ...token } });
    assert.equal(got.status, 200);
    assert.equal((await ask(edge, "/v1/customers/first-customer")).status, 200);
    for (const method of ["OPTIONS", "PATCH", "delete", "PROPFIND"]) {
      const { status } = await edge.fetch("/v1/status", { method, headers: token });
      assert.equal(status, 405, method);
    }
  });
});

describe("an attack by headers", { concurrency: true }, () => {
  test("gains nothing from a signature that is repeated, combined with others or altered", async (t) => {
    const { edge } = await startTestbed(t);
    const right = sign(BODY, SECRET);
    const wrong = sign(BODY, "another secret");
    const length = `content-length: ${BODY.length}`;
    for (const signatures of [
      [right, wrong],
      [wrong, right],
      [right, right],
      [`${right},`],
      [`${right} ${right}`],
      [`sha256=${right}`],
      [right.toUpperCase()],
      [Buffer.from(right, "base64url").toString("hex")],
      [right.slice(0, -1)],
    ]) {
      const lines = signatures.map((signature) => `${SIGNATURE_HEADER}: ${signature}`);
      const headers = [...lines, length, "connection: close"];
      const [status] = await raw(edge, request("POST /webhooks/kombo HTTP/1.1", headers, BODY));
      assert.equal(status, 401, `${signatures}`);
    }
  });

  test("cannot smuggle a second delivery behind the first", async (t) => {
    const { edge, log } = await startTestbed(t);
    const hidden = JSON.stringify(failure("smuggled-customer"));
    const second = request(
      "POST /webhooks/kombo HTTP/1.1",
      [`${SIGNATURE_HEADER}: ${sign("", SECRET)}`, `content-length: ${hidden.length}`],
      hidden,
    );
    const chunked = `0\r\n\r\n${second}`;
    await raw(
      edge,
      request(
        "POST /webhooks/kombo HTTP/1.1",
        [
          `${SIGNATURE_HEADER}: ${sign("", SECRET)}`,
          `content-length: ${chunked.length}`,
          "transfer-encoding: chunked",
        ],
        chunked,
      ),
    );
    assert.equal(await deliver(edge, failure("first-customer")), "accepted");
    await logged(log, "delivery", "accepted");
    const accepted = log.filter(({ fields }) => fields?.outcome === "accepted");
    assert.deepEqual(
      accepted.map(({ fields }) => fields.origin_id),
      ["first-customer"],
    );
  });

  test("gains no access with a token that is repeated, shortened, padded or in another place", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const token = TOKENS.API_TOKEN;
    const headers = [
      [`authorization: Bearer ${token}`, "authorization: Bearer other-token-0123456789"],
      [`authorization: Bearer ${token}, Bearer ${token}`],
      [`authorization: Bearer ${token} x`],
      [`authorization: Bearer ${token}x`],
      [`authorization: Bearer ${token.slice(0, -1)}`],
      [`authorization: Bearer ${token.toUpperCase()}`],
      [`authorization: Basic ${Buffer.from(`x:${token}`).toString("base64")}`],
      [`authorization: ${token}`],
      [`cookie: authorization=Bearer ${token}`],
      [`x-api-key: ${token}`],
      ["authorization: Bearer"],
      ["authorization: Bearer undefined"],
    ];
    for (const lines of headers) {
      const all = [...lines, "connection: close"];
      const [status] = await raw(edge, request("GET /v1/status HTTP/1.1", all));
      assert.equal(status, 401, `${lines}`);
    }
    const query = await edge.fetch(`/v1/status?token=${token}&access_token=${token}`);
    assert.equal(query.status, 401);
  });

  test("cannot misuse a browser: no response allows other origins, is cached or is HTML", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const html = "<script>alert(1)</script>";
    const created = makeEvent("integration-created", { originId: html, organization: html });
    await deliver(edge, created);
    await document(edge, `customer:${html}`);
    const origin = { origin: "https://evil.example", accept: "text/html" };
    const preflight = { ...origin, "access-control-request-method": "DELETE" };
    const token = { authorization: `Bearer ${TOKENS.API_TOKEN}` };
    const path = `/v1/customers/${encodeURIComponent(html)}`;
    const answers = [
      await edge.fetch(path, { method: "OPTIONS", headers: preflight }),
      await edge.fetch(path, { headers: { ...origin, ...token } }),
      await edge.fetch("/v1/customers", { headers: { ...origin, ...token } }),
      await edge.fetch("/healthz", { headers: origin }),
      await edge.fetch(`/${html}`, { headers: origin }),
      await post(edge, BODY, origin),
    ];
    for (const { headers, status } of answers) {
      assert.equal(headers.get("access-control-allow-origin"), null, `${status}`);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.match(headers.get("content-type"), /^application\/(problem\+)?json$/);
    }
  });
});

describe("an attack by a body", { concurrency: true }, () => {
  test("cannot overflow the stack by nesting, or a number", async (t) => {
    const { edge } = await startTestbed(t);
    const nested = (text, end) => text.repeat(MIB / 4) + end.repeat(MIB / 4);
    const numbers = `[1e999999999,-1e999999999,${"9".repeat(100_000)},0.${"0".repeat(100_000)}1]`;
    for (const [content, outcome] of [
      [nested("[", "]"), "quarantined"],
      ['{"a":'.repeat(MIB / 8) + "1" + "}".repeat(MIB / 8), "quarantined"],
      [`{"id":${nested("[", "]")}}`, "quarantined"],
      [`{"id":"x","more":${nested("[", "]")}}`, "quarantined"],
      [numbers, "quarantined"],
      [`{"id":${"9".repeat(1000)}}`, "quarantined"],
    ]) {
      const id = `e${content.length}${content.slice(0, 5)}`;
      const body = `{"id":${JSON.stringify(id)},"type":"integration-created","data":${content}}`;
      const response = await post(edge, body);
      assert.equal(response.status, 200, content.slice(0, 20));
      assert.deepEqual(await response.json(), { outcome }, content.slice(0, 20));
    }
    const open = await post(edge, "[".repeat(MIB));
    assert.equal(await problem(open), "not-json");
    assert.equal(
      await deliver(edge, failure("first-customer")),
      "accepted",
      "the next event is accepted",
    );
  });

  test("cannot overflow anything in the API either", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const bodies = ["[".repeat(MIB), `{"until":${"[".repeat(MIB / 4)}${"]".repeat(MIB / 4)}}`];
    for (const body of [...bodies, `{"until":${"9".repeat(100_000)}}`, '{"until":"9".repeat}']) {
      const response = await edge.fetch("/v1/customers/42/mute", {
        method: "PUT",
        body,
        headers: { authorization: `Bearer ${TOKENS.API_TOKEN}` },
      });
      assert.equal(response.status, 400);
    }
    for (const limit of ["0", "-1", "1001", "1e3", "99999999999999999999", "NaN", "1.5"]) {
      assert.equal(await problem(await ask(edge, `/v1/customers?limit=${limit}`)), "bad-limit");
    }
  });

  test("is stored to the last byte, even if every byte doubles in JSON", async (t) => {
    const { edge } = await startTestbed(t);
    const event = { id: "doubled", type: "integration-created" };
    const text = JSON.stringify(event);
    const body = text.slice(0, -1) + "\n".repeat(MIB - text.length) + "}";
    assert.equal((await post(edge, body)).status, 200);
    assert.equal((await document(edge, "quarantine:doubled")).body, body);
  });

  test("cannot alter ids: each is kept as sent, whatever it contains, and has its own key", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const ids = ["__proto__", "constructor", "customer:42", "integration:x", "42\n", "4\u00002"];
    const more = ["é", "e\u0301", "a/../b", "%2e%2e", "\u202e42", "🦉", "'; DROP TABLE rows; --"];
    for (const [number, originId] of [...ids, ...more].entries()) {
      const about = { originId, integrationId: `hibob:Number-${number}`, category: "__proto__" };
      await deliver(edge, makeEvent("integration-created", about));
    }
    for (const originId of [...ids, ...more]) {
      const path = `/v1/customers/${encodeURIComponent(originId)}`;
      const answer = await eventually(async () => {
        const answer = await ask(edge, path);
        return answer.status === 200 && answer.json();
      }, path);
      assert.equal(answer.origin_id, originId);
      assert.equal(answer.integrations.length, 1, originId);
      assert.deepEqual(Object.keys(answer.current), ["__proto__"]);
    }
    const wanted = [...ids, ...more].map((originId) => `customer:${originId}`).sort();
    const written = async () => (await keys(edge, "customer:")).sort();
    await eventually(
      async () => isDeepStrictEqual(await written(), wanted),
      "a key for each customer",
    );
  });

  test("cannot insert a line into the log", async (t) => {
    const { edge, log } = await startTestbed(t);
    const forged = '"}\r\n{"event":"forged","outcome":"forged"}\u2028';
    await deliver(edge, { id: forged, type: forged, data: {} });
    await deliver(edge, failure(forged));
    await logged(log, "delivery", "ignored");
    await logged(log, "delivery", "accepted");
    for (const { fields, message } of log) {
      assert.ok(fields !== undefined && !/[\r\n]/.test(message), message);
      assert.notEqual(fields.event, "forged");
    }
  });
});

describe("an attack by repeated requests", { concurrency: true }, () => {
  test("cannot flood a Notifier through /healthz", async (t) => {
    const { edge } = await startTestbed(t, { wrappers: ["faulty-kv"] });
    const notifierCalls = async () =>
      (await seenByKv(edge)).called.filter((name) => name === "Notifier").length;
    assert.equal((await edge.fetch("/healthz")).status, 200);
    const before = await notifierCalls();
    const many = Array.from({ length: 200 }, () => edge.fetch("/healthz"));
    for (const { status } of await Promise.all(many)) assert.equal(status, 200);
    // A check makes two calls, and the next check is due after five seconds.
    assert.ok((await notifierCalls()) - before <= 4, `${await notifierCalls()} after ${before}`);
  });

  test("cannot get anything unauthenticated stored", async (t) => {
    const { edge } = await startTestbed(t, { wrappers: ["faulty-kv"] });
    const headers = { [SIGNATURE_HEADER]: "A".repeat(43) };
    for (let number = 0; number < 20; number += 1) {
      assert.equal((await post(edge, BODY, headers)).status, 401);
      assert.equal((await post(edge, BODY, { [SIGNATURE_HEADER]: "" })).status, 401);
      assert.equal((await ask(edge, "/v1/customers/42", { method: "DELETE" })).status, 503);
    }
    const { created, writes } = await seenByKv(edge);
    // The Notifiers count rejected deliveries once a minute.
    assert.deepEqual([...new Set(created)], ["Notifier"]);
    assert.deepEqual(writes, []);
  });

  test("with the same delivery gets it stored and reported only once", async (t) => {
    const { edge, slack } = await startTestbed(t);
    const event = failure("first-customer");
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => deliver(edge, event)));
    assert.equal(outcomes.filter((outcome) => outcome === "accepted").length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === "duplicate").length, 49);
    await deliver(edge, failure("other-customer"));
    await slack.waitFor(1, { where: ({ text }) => text.includes("other-customer") });
    const messages = slack.messages.filter(({ text }) => text.includes("first-customer"));
    assert.equal(messages.length, 1);
  });
});

test("an endless response from Slack counts as a response, and the message is not sent again", async (t) => {
  const { edge, slack } = await startTestbed(t, { slack: { answers: ["pour"] } });
  await deliver(edge, failure("first-customer"));
  await slack.waitFor(1);
  await deliver(edge, failure("second-customer"));
  const messages = await slack.waitFor(2);
  assert.ok(messages[1].text.includes("second-customer"), messages[1].text);
});

// Who may access the console of `npm start`, and what it never reveals. Its page is tested in
// console.test.mjs.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { serve } from "./console-testbed.mjs";
import { SECRET, TOKENS } from "./testbed.mjs";

/** Sends a request with exactly these headers. Returns the status, headers and text of the response. */
const raw = (url, { body, ...options } = {}) =>
  new Promise((resolve, reject) => {
    const sent = request(url, options, async (response) =>
      resolve({
        status: response.statusCode,
        headers: response.headers,
        text: await text(response),
      }),
    );
    sent.on("error", reject).end(body);
  });

describe("the console", { concurrency: true }, () => {
  test("responds only at its own address and to its own page", async (t) => {
    const { testbed, url } = await serve(t);
    const { host, port } = new URL(url);
    assert.equal((await raw(url)).status, 200);
    assert.equal((await raw(url, { headers: { host: `localhost:${port}` } })).status, 200);
    for (const other of [
      "rebound.example",
      `rebound.example:${port}`,
      "127.0.0.1",
      `[::1]:${port}`,
    ]) {
      assert.equal((await raw(url, { headers: { host: other } })).status, 403, other);
    }

    const revoke = { method: "POST", body: JSON.stringify({ behavior: "revoked" }) };
    for (const origin of [
      "https://evil.example",
      "null",
      "http://127.0.0.1:1",
      `https://${host}`,
    ]) {
      const rejected = await raw(`${url}/slack`, { ...revoke, headers: { origin } });
      assert.equal(rejected.status, 403, origin);
      assert.equal((await raw(`${url}/v1/status`, { headers: { origin } })).status, 403, origin);
    }
    assert.equal(testbed.state().behavior, "fine");
    const own = await raw(`${url}/slack`, { ...revoke, headers: { origin: url } });
    assert.equal(own.status, 200);
    assert.equal(testbed.state().behavior, "revoked");
  });

  test("lets no other site move the clock of the Worker", async (t) => {
    const { testbed, url } = await serve(t);
    const time = JSON.stringify({ ms: 60_000 });
    const headers = { origin: "https://evil.example" };
    assert.equal((await raw(`${url}/time`, { method: "POST", body: time, headers })).status, 403);
    // A page may send a POST anywhere, but a PUT only if the response to OPTIONS says so.
    const clock = new URL("/__clock", testbed.edge().url);
    const moving = JSON.stringify({ by: 60_000, objects: {} });
    assert.equal((await raw(clock, { method: "POST", body: moving, headers })).status, 404);
    const asked = await raw(clock, { method: "OPTIONS", headers });
    assert.equal(asked.status, 404);
    assert.equal(asked.headers["access-control-allow-origin"], undefined);
    assert.equal(testbed.state().aheadMs, 0);
  });

  test("cannot be reached from another machine", async (t) => {
    const { url } = await serve(t);
    const outward = Object.values(networkInterfaces())
      .flat()
      .filter(({ family, internal }) => family === "IPv4" && !internal);
    for (const { address } of outward) {
      const elsewhere = `http://${address}:${new URL(url).port}`;
      await assert.rejects(raw(elsewhere), { code: "ECONNREFUSED" });
    }
  });

  test("cannot be framed by another site, and sends its page no secret", async (t) => {
    const { url } = await serve(t);
    const { headers } = await raw(url);
    const policy = headers["content-security-policy"];
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");

    const feed = await fetch(`${url}/live`);
    let received = "";
    for await (const piece of feed.body.pipeThrough(new TextDecoderStream())) {
      received += piece;
      if (received.includes('"part":"backend"')) break;
    }
    const files = await Promise.all(["/", "/main.js", "/main.css"].map((path) => raw(url + path)));
    for (const shown of [received, ...files.map((file) => file.text)]) {
      for (const secret of [SECRET, ...Object.values(TOKENS)]) assert.ok(!shown.includes(secret));
    }
  });

  test("sends its token only to the Worker", async (t) => {
    const { url } = await serve(t);
    const requests = [];
    const other = createServer((request, response) => {
      requests.push(request.headers);
      response.end("{}");
    });
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    t.after(() => other.close());
    const elsewhere = `http://127.0.0.1:${other.address().port}/v1/status`;
    const { status, text: answer } = await raw(url, { path: elsewhere });
    assert.equal(status, 200);
    assert.ok(JSON.parse(answer).version, "the Worker answered");
    assert.deepEqual(requests, []);
  });

  test("rejects what it does not know, and keeps running", async (t) => {
    const { url } = await serve(t);
    const post = (path, body) => raw(url + path, { method: "POST", body });
    assert.equal((await post("/slack", JSON.stringify({ behavior: "toString" }))).status, 400);
    assert.equal((await post("/make", JSON.stringify({ name: "toString" }))).status, 400);
    assert.equal(
      (await post("/send", JSON.stringify({ text: "{}", signing: "toString" }))).status,
      400,
    );
    for (const ms of [0, -1, 1.5, "60000", null, 32 * 86_400_000]) {
      assert.equal((await post("/time", JSON.stringify({ ms }))).status, 400, ms);
    }
    assert.equal((await post("/send", "not JSON")).status, 400);
    assert.equal((await post("/nothing", "")).status, 404);
    const sent = await post("/send", JSON.stringify({ text: "not JSON", signing: "right" }));
    assert.equal(JSON.parse(sent.text).status, 400);
    const forged = await post("/send", JSON.stringify({ text: "{}", signing: "wrong" }));
    assert.equal(JSON.parse(forged.text).status, 401);
  });
});

// Many senders at once, slow senders and hostile ones, on the real runtime: each gets the response that
// it would get alone, and does not affect the others. `npm run load` measures how fast this is.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { Pool } from "undici";
import { SIGNATURE_HEADER, bodyOf, makeEvent, sign } from "../dev/kombo.mjs";
import {
  SECRET,
  deliver,
  eventually,
  failure,
  keys,
  post,
  seenByKv,
  startTestbed,
} from "./testbed.mjs";

const KIB_64 = 64 * 1024;

const PATH = "/webhooks/kombo";

/** A connection to the Worker on which bytes can be sent one by one, and the response so far. */
function open(test, edge) {
  const socket = connect(Number(edge.url.port), "127.0.0.1").setNoDelay(true);
  const connection = { socket, answer: "" };
  test.after(() => socket.destroy());
  socket.on("data", (chunk) => (connection.answer += chunk));
  socket.on("error", () => {});
  return connection;
}

const head = (body, ...more) =>
  [
    `POST ${PATH} HTTP/1.1`,
    "host: localhost",
    `${SIGNATURE_HEADER}: ${sign(body, SECRET)}`,
    ...more,
  ]
    .map((line) => `${line}\r\n`)
    .join("") + "\r\n";

/** Resolves once the bytes have been sent. */
const write = ({ socket }, bytes) => new Promise((resolve) => socket.write(bytes, resolve));

describe("with many senders", { concurrency: true }, () => {
  test("a thousand connections at once all get a response", async (t) => {
    const { edge } = await startTestbed(t);
    const pool = new Pool(edge.url.origin, { connections: 1_000 });
    t.after(() => pool.destroy());
    let connections = 0;
    pool.on("connect", () => (connections += 1));
    const send = async (_, number) => {
      // Most of what Kombo sends is ignored.
      const body = bodyOf(
        number % 25 === 0 ? failure(`customer-${number}`) : makeEvent("data-changed"),
      );
      const headers = { [SIGNATURE_HEADER]: sign(body, SECRET) };
      const { statusCode, body: answer } = await pool.request({
        method: "POST",
        path: PATH,
        body,
        headers,
      });
      return `${statusCode} ${(await answer.json()).outcome}`;
    };
    const answers = await Promise.all(Array.from({ length: 1_000 }, send));
    const count = (wanted) => answers.filter((answer) => answer === wanted).length;
    assert.deepEqual([count("200 accepted"), count("200 ignored")], [40, 960]);
    assert.equal(connections, 1_000);
  });

  test("bodies that arrive one byte at a time are accepted, and do not delay others", async (t) => {
    const { edge } = await startTestbed(t);
    const slow = Array.from({ length: 30 }, (_, number) => {
      const body = bodyOf(failure(`slow-${number}`));
      return Object.assign(open(t, edge), { body });
    });
    await Promise.all(
      slow.map(async (sender) => {
        await write(sender, head(sender.body, `content-length: ${sender.body.length}`));
        for (const byte of sender.body.subarray(0, -1)) await write(sender, Buffer.of(byte));
      }),
    );
    for (let number = 0; number < 5; number += 1) {
      assert.equal(await deliver(edge, failure(`neighbour-${number}`)), "accepted");
    }
    for (const sender of slow) assert.equal(sender.answer, "", "no body is complete");
    await Promise.all(slow.map((sender) => write(sender, sender.body.subarray(-1))));
    await eventually(
      () => slow.every(({ answer }) => /^HTTP\/1.1 200[^]*accepted/.test(answer)),
      "a response to each slow body",
    );
  });

  test("a body that never ends is rejected as soon as it is too long", async (t) => {
    const { edge } = await startTestbed(t);
    const endless = open(t, edge);
    await write(endless, head("", "transfer-encoding: chunked"));
    const chunk = `${KIB_64.toString(16)}\r\n${"x".repeat(KIB_64)}\r\n`;
    for (let sent = 0; sent < 17; sent += 1) await write(endless, chunk);
    await eventually(() => endless.answer !== "", "a response before the end");
    assert.match(endless.answer, /^HTTP\/1.1 413 /);
    assert.equal(await deliver(edge, failure("neighbour")), "accepted");
  });

  test("a delivery with a thousand headers is accepted like any other", async (t) => {
    const { edge } = await startTestbed(t);
    const headers = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, number) => [`x-header-${number}`, "value"]),
    );
    const response = await post(edge, bodyOf(makeEvent("integration-created")), headers);
    assert.deepEqual([response.status, (await response.json()).outcome], [200, "accepted"]);
  });

  test("a flood of wrong signatures reaches objects only through one report a minute", async (t) => {
    const { edge } = await startTestbed(t, { wrappers: ["faulty-kv"] });
    const body = bodyOf(failure("customer"));
    const sendForged = async (_, number) => {
      const headers = { [SIGNATURE_HEADER]: sign(`${number}`, "another secret") };
      return (await post(edge, body, headers)).status;
    };
    assert.equal(await sendForged(undefined, 0), 401);
    // The engineers' Notifier receives the report, and wakes the team's.
    const reported = await eventually(async () => {
      const { called } = await seenByKv(edge);
      return called.length === 2 && called;
    }, "the report");
    const statuses = await Promise.all(Array.from({ length: 500 }, sendForged));
    assert.ok(statuses.every((status) => status === 401));
    const { called, created } = await seenByKv(edge);
    assert.deepEqual([called, created], [reported, ["Notifier", "Notifier"]]);
    assert.deepEqual(await keys(edge), []);
    const [outcome] = await Promise.all([
      deliver(edge, failure("customer")),
      ...Array.from({ length: 100 }, sendForged),
    ]);
    assert.equal(outcome, "accepted");
  });
});

// The stand-in for Slack where it is more than a list of messages: a sender that dies in the middle
// of one, as a runtime does that is stopped or killed. Leaves out what the other tests use it for.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { startSlack } from "../dev/slack.mjs";

test("a message that was cut off never arrived, and the next one does", async (t) => {
  const slack = await startSlack();
  t.after(() => slack.stop());
  const { pathname } = new URL(slack.url);
  const sender = connect(slack.port, "127.0.0.1");
  await once(sender, "connect");
  const half = `POST ${pathname} HTTP/1.1\r\nhost: slack\r\ncontent-length: 100\r\n\r\n{"text":`;
  await new Promise((resolve) => sender.write(half, resolve));
  sender.destroy();
  await slack.deserted();

  await fetch(slack.url, { method: "POST", body: JSON.stringify({ text: "whole" }) });

  assert.deepEqual(
    slack.messages.map(({ json }) => json.text),
    ["whole"],
  );
});

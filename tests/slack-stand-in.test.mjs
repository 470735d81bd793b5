// The stand-in for Slack when a sender dies in the middle of a message, as a runtime does when it is
// stopped or killed. What the other tests use it for is not tested here.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";

import { startSlack } from "../dev/slack.mjs";

test("a message that was cut off does not count, and the next one arrives", async (t) => {
  const slack = await startSlack();
  t.after(() => slack.stop());
  const { pathname } = new URL(slack.url);
  const sender = connect(slack.port, "127.0.0.1");
  await once(sender, "connect");
  const headers = ["host: slack", "content-length: 100", "expect: 100-continue"];
  sender.write([`POST ${pathname} HTTP/1.1`, ...headers, "", `{"text":`].join("\r\n"));
  // The response is "100 Continue", so the stand-in has received the headers.
  await once(sender, "data");
  sender.destroy();
  await slack.disconnected();

  await fetch(slack.url, { method: "POST", body: JSON.stringify({ text: "whole" }) });

  assert.deepEqual(
    slack.messages.map(({ json }) => json.text),
    ["whole"],
  );
});

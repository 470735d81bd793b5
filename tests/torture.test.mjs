// Kills at random moments of a burst, while Slack and Workers KV fail in turn. `npm run torture` does the
// same for longer.

import { test } from "node:test";
import { TIMEOUT_MS } from "./testbed.mjs";
import { torture } from "./torture/run.mjs";

test("a Worker killed at random moments while Slack and KV fail loses nothing and does nothing twice", async (t) => {
  // An interrupted alarm runs again after 4 seconds, or 12 if it posts to Slack.
  const timeoutMs = 2 * TIMEOUT_MS;
  const { events, unanswered, messages } = await torture(t, { kills: 6, seed: 7, timeoutMs });
  t.diagnostic(`${events} events, ${unanswered} left unanswered, ${messages} messages`);
});

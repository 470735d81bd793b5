// Kills at random moments of a burst, with Slack and Workers KV failing by turns. The same at length:
// `npm run torture`.

import { test } from "node:test";
import { PATIENCE_MS } from "./stand.mjs";
import { torture } from "./torture/lives.mjs";

test("killed at random moments while all around it fails, it loses nothing and does nothing twice", async (t) => {
  // An alarm that was interrupted is made up for after 20 seconds.
  const patienceMs = 2 * PATIENCE_MS;
  const { events, unanswered, messages } = await torture(t, { kills: 6, seed: 7, patienceMs });
  t.diagnostic(`${events} events, ${unanswered} left unanswered, ${messages} messages`);
});

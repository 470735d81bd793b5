// The Slack of a test: the messages that were accepted, as a reader of the two channels sees them, and
// what to do with the next ones. Formatting is left out; `json` has it.

import { readable } from "../dev/slack-text.mjs";
import { behaviors, isBehavior } from "../dev/slack-behaviors.mjs";

const shown = ({ at, json, isForEngineers }) => ({
  at: new Date(at),
  channel: isForEngineers ? "engineers" : "team",
  text: readable(json).join("\n"),
  json,
});

const isAccepted = ({ answer: { status } }) => status >= 200 && status < 300;

/** Slack for a testbed. See index.d.ts for what each method does. */
export const slackOf = (testbed) => ({
  get messages() {
    return testbed.slack.accepted().map(shown);
  },

  async waitFor(count, { timeoutMs } = {}) {
    const found = await testbed.slack.waitFor(count, { timeoutMs, where: isAccepted });
    return found.map(shown);
  },

  behave(behavior) {
    if (!isBehavior(behavior)) {
      const names = behaviors.map(({ name }) => name).join(", ");
      throw new TypeError(`Slack cannot behave "${behavior}", only: ${names}.`);
    }
    testbed.setBehavior(behavior);
  },

  clear: () => testbed.slack.clear(),
});

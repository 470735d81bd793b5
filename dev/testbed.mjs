// A testbed: the Worker and the stand-in for Slack, as `npm start` runs them. Slack can be made to
// misbehave, and the Worker can be killed, as by a power cut, and restarted with what it had stored.

import { EventEmitter } from "node:events";
import { startSlack } from "./slack.mjs";
import { answerFor } from "./slack-behaviors.mjs";
import { startWorker } from "./worker.mjs";

/**
 * Starts both. `bindings` is a function of Slack that returns the Worker's settings, `slackPort` and
 * `port` are any free ones by default, and `onMessage` gets the messages to Slack. Other options are
 * passed to startWorker.
 */
export async function startTestbed({ bindings, slackPort = 0, port = 0, onMessage, ...options }) {
  const events = new EventEmitter();
  let behavior = "fine";
  let hooks = 0;
  let isRunning = true;
  let starting;

  if (onMessage) events.on("message", onMessage);
  const slack = await startSlack({
    port: slackPort,
    answers: (message) => answerFor(behavior, message),
    onMessage: (message) => events.emit("message", message),
  });
  const settings = bindings(slack);
  const start = () => startWorker({ ...options, port, bindings: settings });
  let edge = await start().catch(async (error) => {
    await slack.stop();
    throw error;
  });
  // The same after each restart, because users may have copied the URL.
  port = Number(edge.url.port);

  const changed = () => events.emit("change");
  async function crashAndStart() {
    isRunning = false;
    changed();
    await edge.kill();
    edge = await start();
    isRunning = true;
    changed();
  }

  const testbed = {
    slack,
    /** Listens to "message" (one arrived at Slack) or "change" (of the state). */
    on: (name, listener) => events.on(name, listener),
    /** The current Worker, which is another one after each restart. */
    edge: () => edge,
    /** `{ behavior, isRunning }`: Slack's behavior, and whether the Worker runs. */
    state: () => ({ behavior, isRunning }),
    /** Changes Slack's behavior, from the next message on. */
    setBehavior(next) {
      behavior = next;
      changed();
    },
    /** Kills the Worker and starts it again. Concurrent calls restart it once. */
    restart() {
      starting ??= crashAndStart().finally(() => (starting = undefined));
      return starting;
    },
    /** Replaces a revoked webhook, as a team would: creates another one, and sets it in the Worker. */
    async renewHook() {
      await starting;
      hooks += 1;
      settings.SLACK_WEBHOOK_URL = slack.hook(hooks);
      testbed.setBehavior("fine");
      return testbed.restart();
    },
    async stop() {
      await starting;
      await edge.dispose();
      await slack.stop();
    },
  };
  return testbed;
}

// The Worker and the stand-in for Slack together, as `npm start` runs them: either can be made to
// misbehave, and the Worker can be ended as by a power cut and started again on what it had stored.
// What is shown of it, and to whom, is left to others.

import { EventEmitter } from "node:events";
import { startSlack } from "./slack.mjs";
import { answerFor } from "./slack-behaviors.mjs";
import { startWorker } from "./worker.mjs";

/**
 * Starts both. `bindings` is a function of Slack that gives the Worker's settings, `slackPort` and `port`
 * are any free ones unless given, `onMessage` gets what arrives at Slack. The rest is startWorker's.
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
  // The same one after each restart, for it stands in what people have copied.
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
    /** The Worker; another one after each restart. */
    edge: () => edge,
    /** `{ behavior, isRunning }`: Slack's behavior, and whether the Worker runs. */
    state: () => ({ behavior, isRunning }),
    /** Has Slack behave otherwise from the next message on. */
    setBehavior(next) {
      behavior = next;
      changed();
    },
    /** Ends the Worker at once and starts it again. Asked for twice, it happens once. */
    restart() {
      starting ??= crashAndStart().finally(() => (starting = undefined));
      return starting;
    },
    /** What a team does after its hook was revoked: it makes another, and the Worker is told. */
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

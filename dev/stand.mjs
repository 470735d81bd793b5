// The Worker and the stand-in for Slack together, as `npm start` runs them: either can be made to
// misbehave, and the Worker can be ended as by a power cut and started again on what it had stored.
// What is shown of it, and to whom, is left to others: a stand says what happens by its events
// "message" (one arrived at Slack), "log" (a line of the Worker) and "change" (of what is switched).

import { EventEmitter } from "node:events";
import { startSlack } from "./slack.mjs";
import { answerIn } from "./slack-moods.mjs";
import { startWorker } from "./worker.mjs";

/**
 * Starts both. `bindings` is a function of Slack that gives the Worker's settings, `persist` a folder,
 * `slackPort` and `port` are any free ones unless given. The rest is startWorker's.
 */
export async function startStand({ bindings, slackPort = 0, port = 0, ...options }) {
  const events = new EventEmitter();
  let mood = "fine";
  let hooks = 0;
  let isRunning = true;
  let starting;

  const isForEngineers = ({ path }) => path === new URL(slack.opsUrl).pathname;
  const slack = await startSlack({
    port: slackPort,
    answers: (message) => answerIn(mood, { ...message, isForEngineers: isForEngineers(message) }),
    onMessage: (message) =>
      events.emit("message", { ...message, isForEngineers: isForEngineers(message) }),
  });
  const settings = bindings(slack);
  const start = () =>
    startWorker({
      ...options,
      port,
      bindings: settings,
      onLog: (line) => events.emit("log", line),
    });
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

  const stand = {
    slack,
    on: (name, listener) => events.on(name, listener),
    /** The Worker; another one after each restart. */
    edge: () => edge,
    /** What is switched: `{ mood, isRunning }`. */
    state: () => ({ mood, isRunning }),
    /** Has Slack behave otherwise from the next message on. */
    setMood(next) {
      mood = next;
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
      stand.setMood("fine");
      return stand.restart();
    },
    async stop() {
      await starting;
      await edge.dispose();
      await slack.stop();
    },
  };
  return stand;
}

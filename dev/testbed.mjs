// A testbed: the Worker and the stand-in for Slack, as `npm start` runs them. Slack can be made to
// misbehave, the Worker can be killed, as by a power cut, and restarted with what it had stored, and its
// clock can be put forward.

import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passTime, SHIFTED_CLOCK } from "./passing-time.mjs";
import { startSlack } from "./slack.mjs";
import { answerFor } from "./slack-behaviors.mjs";
import { startWorker } from "./worker.mjs";

/**
 * Starts both. `bindings` is a function of Slack that returns the Worker's settings, `persist` is the
 * folder for what is stored, `slackPort` and `port` are any free ones by default, and `onMessage` gets
 * the messages to Slack. Other options are passed to startWorker.
 */
export async function startTestbed({
  bindings,
  persist,
  slackPort = 0,
  port = 0,
  onMessage,
  ...options
}) {
  const events = new EventEmitter();
  const clock = storedClock(persist);
  let behavior = "fine";
  let hooks = 0;
  let isRunning = true;
  let failure = null;
  let starting;
  let passing;

  if (onMessage) events.on("message", onMessage);
  const slack = await startSlack({
    port: slackPort,
    answers: (message) => answerFor(behavior, message),
    onMessage: (message) => events.emit("message", message),
  });
  const settings = bindings(slack);
  const start = () =>
    startWorker({
      ...options,
      persist,
      port,
      wrappers: [SHIFTED_CLOCK],
      bindings: { ...settings, CLOCK_AHEAD_MS: clock.ahead() },
    });
  let edge = await start().catch(async (error) => {
    await slack.stop();
    throw error;
  });
  // The same after each restart, because users may have copied the URL.
  port = Number(edge.url.port);

  const changed = () => events.emit("change");
  async function crashAndStart() {
    await passing?.catch(() => {});
    const wasRunning = isRunning;
    isRunning = false;
    failure = null;
    changed();
    try {
      if (wasRunning) await edge.kill();
      edge = await start();
      isRunning = true;
    } catch ({ message }) {
      failure = message;
      throw new Error(`it does not start: ${message}`);
    } finally {
      changed();
    }
  }

  async function putForward(ms) {
    await starting?.catch(() => {});
    const onStep = (step) => {
      clock.add(step);
      changed();
    };
    await passTime({ edge, persist, ms, onStep });
  }

  const testbed = {
    slack,
    /** Listens to "message" (one arrived at Slack) or "change" (of the state). */
    on: (name, listener) => events.on(name, listener),
    /** The current Worker, which is another one after each restart. */
    edge: () => edge,
    /**
     * `{ behavior, isRunning, failure, aheadMs, isTimePassing }`: Slack's behavior, whether the Worker
     * runs, why it does not start, and how far its clock is ahead.
     */
    state: () => ({
      behavior,
      isRunning,
      failure,
      aheadMs: clock.ahead(),
      isTimePassing: passing !== undefined,
    }),
    /** The Worker's time, in milliseconds. */
    now: () => Date.now() + clock.ahead(),
    /** Changes Slack's behavior, from the next message on. */
    setBehavior(next) {
      behavior = next;
      changed();
    },
    /**
     * Kills the Worker and starts it again, once time that is passing has passed. Concurrent calls restart
     * it once.
     */
    restart() {
      starting ??= crashAndStart().finally(() => (starting = undefined));
      return starting;
    },
    /** Lets milliseconds pass for the Worker, after those that are passing already. */
    passTime(ms) {
      const turn = (passing ?? Promise.resolve()).catch(() => {}).then(() => putForward(ms));
      const end = () => {
        if (passing !== turn) return;
        passing = undefined;
        changed();
      };
      passing = turn;
      changed();
      turn.then(end, end);
      return turn;
    },
    /** Replaces a revoked webhook, as a team would: creates another one, and sets it in the Worker. */
    async renewHook() {
      await starting?.catch(() => {});
      hooks += 1;
      settings.SLACK_WEBHOOK_URL = slack.hook(hooks);
      testbed.setBehavior("fine");
      return testbed.restart();
    },
    async stop() {
      await starting?.catch(() => {});
      await edge.dispose();
      await slack.stop();
    },
  };
  return testbed;
}

/** How far the clock is ahead. It is stored, because what the Worker stored depends on it. */
function storedClock(folder) {
  const file = join(folder, "clock.json");
  let { aheadMs } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { aheadMs: 0 };
  return {
    ahead: () => aheadMs,
    add(ms) {
      aheadMs += ms;
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, JSON.stringify({ aheadMs }));
    },
  };
}

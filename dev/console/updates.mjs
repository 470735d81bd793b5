// The updates that the console's page gets from a testbed: its state, each message to Slack, and what the
// backend sees, which is polled while a page is open.

import { randomUUID } from "node:crypto";
import { backendOf } from "./backend.mjs";
import { offered } from "./events.mjs";
import { createFeed } from "./feed.mjs";

const POLL_MS = 300;
const MAX_MESSAGES = 200;
// A Worker that takes longer does not respond.
const MAX_ANSWER_MS = 5_000;

/** A feed with all updates. `callWorker` calls the Worker's API. */
export function updatesOf(testbed, callWorker) {
  const feed = createFeed({ onWatched: poll });
  const showState = () => feed.publish("testbed", testbed.state());
  let arrived = 0;
  let isPolling = false;
  let seenAt = null;

  function showMessage({ at, json, text, answer, isForEngineers }) {
    arrived += 1;
    const shownAt = at + testbed.state().aheadMs;
    const message = { id: arrived, at: shownAt, json, text, answer, isForEngineers };
    feed.publish(`message:${arrived}`, message);
    feed.forget(`message:${arrived - MAX_MESSAGES}`);
  }

  async function poll() {
    if (isPolling || feed.watchers() === 0) return;
    isPolling = true;
    await showBackend();
    isPolling = false;
    setTimeout(poll, POLL_MS).unref();
  }

  async function showBackend() {
    const edge = testbed.edge();
    try {
      feed.publish("backend", await inTime(backendOf(edge, call)));
      feed.publish("trouble", null);
      seenAt = Date.now();
    } catch (error) {
      // Not if the Worker is being restarted: the next poll finds the new one.
      const isTheSame = testbed.state().isRunning && testbed.edge() === edge;
      if (isTheSame) feed.publish("trouble", { reason: troubleOf(error), seenAt });
    }
  }

  async function call(path) {
    const response = await callWorker(path);
    const value = await response.json();
    if (!response.ok) throw new Error(`The Worker answered ${response.status}: ${value.detail}`);
    return value;
  }

  // First, because a page that connects to another run discards what it knows.
  feed.publish("run", randomUUID());
  feed.publish("events", offered);
  showState();
  testbed.on("change", showState);
  for (const message of testbed.slack.messages) showMessage(message);
  testbed.on("message", showMessage);
  return feed;
}

/** The promise, which rejects if it takes too long. What the runtime lost is never settled. */
function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error("The Worker does not respond.");
    timer = setTimeout(() => reject(error), MAX_ANSWER_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function troubleOf({ message, cause }) {
  const why = cause?.message || cause?.code;
  return why ? `The Worker does not respond: ${why}.` : message;
}

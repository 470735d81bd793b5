// The updates that the console's page gets from a testbed: its state, each message to Slack, and what the
// backend sees, which is polled while a page is open.

import { backendOf } from "./backend.mjs";
import { offered } from "./events.mjs";
import { createFeed } from "./feed.mjs";

const POLL_MS = 300;
const MAX_MESSAGES = 200;

/** A feed with all updates. `callWorker` calls the Worker's API. */
export function updatesOf(testbed, callWorker) {
  const feed = createFeed({ onWatched: poll });
  const showState = () => feed.publish("testbed", testbed.state());
  let arrived = 0;
  let isPolling = false;

  function showMessage({ at, json, text, answer, isForEngineers }) {
    arrived += 1;
    const message = { id: arrived, at, json, text, answer, isForEngineers };
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
      feed.publish("backend", await backendOf(await edge.kv(), call));
      feed.publish("trouble", null);
    } catch ({ message }) {
      // Not if the Worker is being restarted: the next poll finds the new one.
      const isTheSame = testbed.state().isRunning && testbed.edge() === edge;
      if (isTheSame) feed.publish("trouble", message);
    }
  }

  async function call(path) {
    const response = await callWorker(path);
    const value = await response.json();
    if (!response.ok) throw new Error(`The Worker answered ${response.status}: ${value.detail}`);
    return value;
  }

  feed.publish("events", offered);
  showState();
  testbed.on("change", showState);
  for (const message of testbed.slack.messages) showMessage(message);
  testbed.on("message", showMessage);
  return feed;
}

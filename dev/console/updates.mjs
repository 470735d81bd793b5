// What the page of the console is told of a testbed: what is switched, each message to Slack, and what
// the backend sees, looked at again and again while a page is open.

import { backendOf } from "./backend.mjs";
import { offered } from "./events.mjs";
import { createFeed } from "./feed.mjs";

const POLL_MS = 300;
const MAX_MESSAGES = 200;

/** A feed with all of it. `askWorker` asks the Worker's API. */
export function updatesOf(testbed, askWorker) {
  const feed = createFeed({ onWatched: look });
  const showState = () => feed.publish("testbed", testbed.state());
  let arrived = 0;
  let isLooking = false;

  function showMessage({ at, json, text, answer, isForEngineers }) {
    arrived += 1;
    const message = { id: arrived, at, json, text, answer, isForEngineers };
    feed.publish(`message:${arrived}`, message);
    feed.forget(`message:${arrived - MAX_MESSAGES}`);
  }

  async function look() {
    if (isLooking || feed.watchers() === 0) return;
    isLooking = true;
    await showBackend();
    isLooking = false;
    setTimeout(look, POLL_MS).unref();
  }

  async function showBackend() {
    const edge = testbed.edge();
    try {
      feed.publish("backend", await backendOf(await edge.kv(), call));
      feed.publish("trouble", null);
    } catch ({ message }) {
      // A Worker that is being ended has no trouble: the next look finds the next one.
      const isTheSame = testbed.state().isRunning && testbed.edge() === edge;
      if (isTheSame) feed.publish("trouble", message);
    }
  }

  async function call(path) {
    const response = await askWorker(path);
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

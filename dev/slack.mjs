// A stand-in for Slack's incoming webhooks: an HTTP server that records the messages posted to it, and
// responds as configured, including with errors. It does not check messages against Slack's limits, and
// has no rate limit of its own.

import { once } from "node:events";
import { createServer } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { promisify } from "node:util";

const HOOK_PATH = "/services/T000/B000/x";
const OPS_HOOK_PATH = "/services/T000/B001/x";

const ACCEPTED = { status: 200, body: "ok" };

const CUT_OFF = Symbol("a message that was cut off");

/**
 * Starts the stand-in on 127.0.0.1.
 *
 * An answer is `{ status, headers, body, afterMs, isStalled }` (each with a default; a stalled one never
 * ends after its body), "hang" (never responds), "drop" (accepts the message, then cuts the connection, so that the sender can't know) or "pour"
 * (accepts it, with a response that never ends). `answers` is a list with one answer for each message, or
 * a function of the recorded message. Once the list is empty, the answer is 200 "ok".
 */
export async function startSlack({ port = 0, answers = [], onMessage = () => {} } = {}) {
  const messages = [];
  const waiting = new Set();
  let script = answers;

  const server = createServer(async (request, response) => {
    const text = await textOf(request).catch(() => CUT_OFF);
    // The sender was killed in the middle of it: nothing arrived, and no one waits for a response.
    if (text === CUT_OFF) return;
    const message = {
      at: Date.now(),
      method: request.method,
      path: request.url,
      isForEngineers: request.url === OPS_HOOK_PATH,
      headers: request.headers,
      text,
      json: parsed(text),
    };
    messages.push(message);
    message.answer = (await nextAnswer(script, message)) ?? ACCEPTED;
    onMessage(message);
    for (const check of waiting) check();
    answer(response, message.answer);
  });
  // Otherwise an idle connection might be closed just when the next message is sent.
  server.keepAliveTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;

  return {
    /** The URL of the team's webhook, and that of the engineers' webhook. */
    url: origin + HOOK_PATH,
    opsUrl: origin + OPS_HOOK_PATH,
    port: server.address().port,
    /** Another webhook for the team, as created after the last one was revoked. */
    hook: (number) => `${origin}/services/T000/B000/x${number}`,
    /**
     * All messages that arrived, oldest first: `{ at, method, path, isForEngineers, headers, text, json,
     * answer }`.
     */
    messages,
    /** The messages that were accepted with a 2xx, as a reader of the channel sees them. */
    accepted: () => messages.filter(({ answer }) => answer.status >= 200 && answer.status < 300),
    /** Replaces the remaining answers. */
    answerWith: (next) => {
      script = next;
    },
    /** Forgets the messages that arrived. */
    clear: () => messages.splice(0),
    /**
     * Resolves to the messages that match `where` once there are `count`; rejects after the time limit.
     */
    async waitFor(count, { timeoutMs = 10_000, where = () => true } = {}) {
      const found = () => messages.filter(where);
      if (found().length >= count) return found();
      return new Promise((resolve, reject) => {
        const finish = (settle) => {
          clearTimeout(timer);
          waiting.delete(check);
          settle();
        };
        const check = () => found().length >= count && finish(() => resolve(found()));
        const late = () =>
          new Error(`Slack got ${found().length} of ${count} messages in ${timeoutMs} ms.`);
        const timer = setTimeout(() => finish(() => reject(late())), timeoutMs);
        waiting.add(check);
      });
    },
    /**
     * Resolves once there are no connections: everything that a process sent before it was killed has
     * arrived.
     */
    async disconnected() {
      const connections = promisify(server.getConnections.bind(server));
      while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    /** Stops listening and closes all connections. */
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, "close");
    },
  };
}

const nextAnswer = (script, message) =>
  typeof script === "function" ? script(message) : script.shift();

function answer(response, how) {
  if (how === "hang") return;
  if (how === "drop") return response.destroy();
  if (how === "pour") return pour(response);
  const { status = 200, headers = {}, body = "ok", afterMs = 0, isStalled = false } = how;
  const write = () => {
    response.writeHead(status, { "content-type": "text/plain", ...headers });
    if (!isStalled) return response.end(body);
    response.flushHeaders();
    response.write(body);
  };
  if (afterMs === 0) return write();
  const later = setTimeout(write, afterMs);
  response.on("close", () => clearTimeout(later));
}

function pour(response) {
  response.writeHead(200, { "content-type": "text/plain" });
  const more = () => {
    while (!response.destroyed && response.write("ok".repeat(32_768)));
  };
  response.on("drain", more);
  more();
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

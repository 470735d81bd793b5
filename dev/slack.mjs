// A stand-in for Slack as the receiver of messages: an HTTP server that takes what is posted to an
// incoming webhook, records it and answers as it was told, also badly. What it leaves out: it does
// not check messages against Slack's limits, and keeps no rate limit by itself.

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
 * An answer is `{ status, headers, body, afterMs }` (each with a default), "hang" (never
 * answers), "drop" (takes the message, then cuts the connection, so that the sender can't know) or
 * "pour" (takes it, with an answer that has no end). `answers` is a list that is used up, one for each
 * message, or a function of the recorded message; once the list is empty the answer is 200 "ok".
 */
export async function startSlack({ port = 0, answers = [], onMessage = () => {} } = {}) {
  const messages = [];
  const waiting = new Set();
  let script = answers;

  const server = createServer(async (request, response) => {
    const text = await textOf(request).catch(() => CUT_OFF);
    // The sender died in the middle of it: nothing arrived, and there is nobody to answer.
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
  // A fault that nobody asked for: closing an idle connection at the moment of the next message.
  server.keepAliveTimeout = 0;
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;

  return {
    /** The URL of the team's hook, and of the one for engineers. */
    url: origin + HOOK_PATH,
    opsUrl: origin + OPS_HOOK_PATH,
    port: server.address().port,
    /** Another hook for the team, as one makes it after the last one was revoked. */
    hook: (number) => `${origin}/services/T000/B000/x${number}`,
    /** All that arrived, oldest first: `{ at, method, path, isForEngineers, headers, text, json, answer }`. */
    messages,
    /** What was taken with a 2xx, as a reader of the channel sees it. */
    accepted: () => messages.filter(({ answer }) => answer.status >= 200 && answer.status < 300),
    /** Replaces the answers that are still to be given. */
    answerWith: (next) => {
      script = next;
    },
    /** Forgets what arrived. */
    clear: () => messages.splice(0),
    /** Resolves with the messages once `count` of them (that fit) are there; rejects in the end. */
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
    /** Resolves once nobody is connected: all that a process sent before it was killed has arrived. */
    async deserted() {
      const connections = promisify(server.getConnections.bind(server));
      while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    /** Stops listening and cuts what still hangs. */
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
  const { status = 200, headers = {}, body = "ok", afterMs = 0 } = how;
  const write = () =>
    response.writeHead(status, { "content-type": "text/plain", ...headers }).end(body);
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

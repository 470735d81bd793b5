// The behaviors of the stand-in for Slack, good and bad. One is active at a time. The labels and
// hints are for users. The console's page imports this file too, so it must not import anything.

const SLOW_MS = 4_000;
const PAUSE_SECONDS = 5;

const text = (status, body) => ({ status, body });

/** The behaviors in the order of the console. `answer` gets a message; see startSlack. */
const BEHAVIORS = {
  fine: {
    label: "Fine",
    hint: "Accepts every message.",
    answer: () => undefined,
  },
  slow: {
    label: "Slow",
    hint: `Accepts every message, after ${SLOW_MS / 1000} seconds.`,
    answer: () => ({ status: 200, afterMs: SLOW_MS }),
  },
  limited: {
    label: "429",
    hint: `Rate limited: asks to retry after ${PAUSE_SECONDS} seconds.`,
    answer: () => ({
      ...text(429, "rate_limited"),
      headers: { "retry-after": String(PAUSE_SECONDS) },
    }),
  },
  down: {
    label: "500",
    hint: "Slack is down. The Worker retries with growing pauses.",
    answer: () => text(500, "server_error"),
  },
  silent: {
    label: "No answer",
    hint: "Never answers. The Worker times out after ten seconds and retries.",
    answer: () => "hang",
  },
  plain: {
    label: "Blocks rejected",
    hint: "Rejects messages with blocks. The Worker sends them again as plain text.",
    answer: ({ json }) => (json?.blocks ? text(400, "invalid_blocks") : undefined),
  },
  refused: {
    label: "Message rejected",
    hint: "Rejects every message. Each is listed as undelivered, and the queue continues.",
    answer: () => text(400, "invalid_payload"),
  },
  revoked: {
    label: "Webhook revoked",
    hint: "The team's webhook was revoked; the engineers' still works. Alerts wait for a new one.",
    answer: ({ isForEngineers }) => (isForEngineers ? undefined : text(404, "no_service")),
  },
};

export const behaviors = Object.entries(BEHAVIORS).map(([name, { label, hint }]) => ({
  name,
  label,
  hint,
}));

export const isBehavior = (name) => Object.hasOwn(BEHAVIORS, name);

/** What Slack answers with this behavior; undefined means that it accepts the message. */
export const answerFor = (behavior, message) => BEHAVIORS[behavior].answer(message);

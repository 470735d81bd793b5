// How the stand-in for Slack can be switched to behave, well or badly, until it is switched again. The
// names and descriptions are for people; a page may import this file too, so it imports nothing.

const SLOW_MS = 4_000;
const PAUSE_SECONDS = 5;

const text = (status, body) => ({ status, body });

/** The moods in the order in which they are offered. `answer` takes a message, see startSlack. */
const MOODS = {
  fine: {
    label: "Fine",
    hint: "Takes every message.",
    answer: () => undefined,
  },
  slow: {
    label: "Slow",
    hint: `Takes every message, and says so after ${SLOW_MS / 1000} seconds.`,
    answer: () => ({ status: 200, afterMs: SLOW_MS }),
  },
  limited: {
    label: "429",
    hint: `Too many messages: come back in ${PAUSE_SECONDS} seconds.`,
    answer: () => ({
      ...text(429, "rate_limited"),
      headers: { "retry-after": String(PAUSE_SECONDS) },
    }),
  },
  down: {
    label: "500",
    hint: "Slack is down. The Worker comes back by itself, less and less often.",
    answer: () => text(500, "server_error"),
  },
  silent: {
    label: "No answer",
    hint: "Never answers. The Worker gives up after ten seconds, and tries again.",
    answer: () => "hang",
  },
  plain: {
    label: "Blocks refused",
    hint: "Refuses whatever has blocks: the Worker sends it once more as plain text.",
    answer: ({ json }) => (json?.blocks ? text(400, "invalid_blocks") : undefined),
  },
  refused: {
    label: "Message refused",
    hint: "Refuses every message: each is listed as undelivered, and the queue goes on.",
    answer: () => text(400, "invalid_payload"),
  },
  revoked: {
    label: "Hook revoked",
    hint: "The team's hook is gone; the engineers' is not. All waits until there is a new one.",
    answer: ({ isForEngineers }) => (isForEngineers ? undefined : text(404, "no_service")),
  },
};

export const moods = Object.entries(MOODS).map(([name, { label, hint }]) => ({
  name,
  label,
  hint,
}));

export const isMood = (name) => Object.hasOwn(MOODS, name);

/** What Slack answers in a mood; undefined means that it takes the message. */
export const answerIn = (mood, message) => MOODS[mood].answer(message);

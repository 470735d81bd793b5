// A peer of the benchmark: the design of webhook gateways on Workers. The delivery is verified, marked in
// Workers KV and sent to a Cloudflare Queue; a consumer writes Workers KV and posts to Slack.
//
// Guarantees: a delivery that was answered 200 is in the queue, and is retried several times (a real
// deployment adds a dead-letter queue); an alert that Slack did not accept is retried; a repeated event
// is usually recognized.
//
// Not guaranteed: the consumers of a queue run concurrently and in no order, so events about one customer
// lose each other's updates in Workers KV; a message that arrives twice causes two alerts; duplicates
// within a minute may not be recognized; what was deleted can return. There is no rate limit for Slack
// except its own 429.

import { messageOf } from "../shared/alert.ts";
import type { Event } from "../shared/event.ts";
import { apply, isMarked, mark } from "../shared/kv-mapping.ts";
import { HEAD } from "../shared/mapping.ts";
import { post } from "../shared/slack.ts";
import { SECOND_MS, iso } from "../shared/time.ts";
import { log, webhook } from "../shared/webhook.ts";
import type { Settings } from "../shared/webhook.ts";

interface Env extends Settings {
  MAPPINGS: KVNamespace;
  EVENTS: Queue<Event>;
}

const app = webhook<Env>({
  async accept(event, { MAPPINGS, EVENTS }) {
    if (await isMarked(MAPPINGS, event)) return "duplicate";
    // The queue comes first: a mark without a message would lose the event.
    await EVENTS.send(event);
    await mark(MAPPINGS, event);
    return "accepted";
  },
  async quarantine({ id, type, reason, receivedAt, body }, { MAPPINGS }) {
    const value = { ...HEAD, event_id: id, type, reason, received_at: iso(receivedAt), body };
    await MAPPINGS.put(`quarantine:${id}`, JSON.stringify(value));
    return "quarantined";
  },
});

/** Processes an event. After a failure it is retried, with a delay in seconds. */
async function consume(message: Message<Event>, { MAPPINGS, SLACK_WEBHOOK_URL }: Env) {
  for (const alert of await apply(MAPPINGS, message.body)) {
    const answer = await post(SLACK_WEBHOOK_URL, messageOf(alert));
    log({ event: "alert", outcome: answer.kind, attempts: message.attempts });
    if (answer.kind === "delivered" || answer.kind === "message refused") continue;
    const ms = answer.kind === "wait" ? answer.ms : SECOND_MS * 2 ** message.attempts;
    return message.retry({ delaySeconds: Math.ceil(ms / SECOND_MS) });
  }
  message.ack();
}

export default {
  fetch: app.fetch,
  async queue(batch, env) {
    // One after another: two messages of a batch are often about the same customer.
    for (const message of batch.messages) {
      try {
        await consume(message, env);
      } catch (error) {
        log({ event: "message", outcome: "failed", reason: String(error) });
        message.retry();
      }
    }
  },
} satisfies ExportedHandler<Env, Event>;

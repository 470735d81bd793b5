// A peer of the benchmark: Workers KV only, the design of a quick solution. The event is applied before
// the answer, the post to Slack follows it in `waitUntil`.
//
// Guarantees: a delivery that was answered 200 is in Workers KV, unless another one about the same
// customer came at the same time; a repeated event is usually recognized.
//
// Not: two events at once (the later write wins), and what Workers KV shows a minute late, both lose
// updates, count wrong and let duplicates through; a late `integration-created` revives what was
// deleted; an alert is lost when Slack does not take it or the isolate ends. Slack is posted to without
// a pace: it would refuse most of a storm with 429, while the stand-in takes all.

import { messageOf } from "../shared/alert.ts";
import { apply, isMarked, mark } from "../shared/kv-mapping.ts";
import { HEAD } from "../shared/mapping.ts";
import { post } from "../shared/slack.ts";
import { iso } from "../shared/time.ts";
import { log, webhook } from "../shared/webhook.ts";
import type { Settings } from "../shared/webhook.ts";

interface Env extends Settings {
  MAPPINGS: KVNamespace;
}

const app = webhook<Env>({
  async accept(event, { MAPPINGS, SLACK_WEBHOOK_URL }, context) {
    if (await isMarked(MAPPINGS, event)) return "duplicate";
    const alerts = await apply(MAPPINGS, event);
    await mark(MAPPINGS, event);
    for (const alert of alerts) context.waitUntil(tell(SLACK_WEBHOOK_URL, messageOf(alert)));
    return "accepted";
  },
  async quarantine({ id, type, reason, receivedAt, body }, { MAPPINGS }) {
    const value = { ...HEAD, event_id: id, type, reason, received_at: iso(receivedAt), body };
    await MAPPINGS.put(`quarantine:${id}`, JSON.stringify(value));
    return "quarantined";
  },
});

async function tell(url: string, message: string) {
  const answer = await post(url, message);
  log({ event: "alert", outcome: answer.kind });
}

export default app;

// A peer of the benchmark: Workers KV only, the design of a quick solution. The event is applied before
// the response, and the post to Slack follows in `waitUntil`.
//
// Guarantees: a delivery that was answered 200 is in Workers KV, unless another one about the same
// customer came at the same time; a repeated event is usually recognized.
//
// Not guaranteed: concurrent events (the later write wins) and stale reads of Workers KV lose updates,
// miscount attempts and let duplicates through; a late `integration-created` restores what was deleted;
// an alert is lost if Slack does not accept it or the isolate ends. Posts to Slack have no rate limit: in
// a storm it would reject most of them with 429, while the stand-in accepts all.

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

// A peer of the benchmark: what kombo-edge does, written as a good TypeScript engineer would, with
// Hono, zod and `crypto.subtle`, and the same three kinds of objects on SQLite.
//
// Guarantees: 200 means stored, with all that follows; duplicates (type and id) are known for 30 days;
// any order of events ends in the same mapping; what was deleted stays so; an integration belongs to one
// customer; every effect waits in an outbox until it was done; incidents are opened, counted and closed;
// Slack gets one message a second at most, digests in a storm, and is tried again until it took them.
//
// Not: the read API and what humans decide, erasure, mutes, mentions and summaries; the weekly
// comparison with Workers KV; a key written again, a minute later, after an answer that was lost; names of
// objects that carry nothing personal. None of these is on the way of a delivery while all is well, so
// leaving them out makes this peer cheaper, not dearer.

import { webhook } from "../shared/webhook.ts";
import { addressOf, nameOf } from "./env.ts";
import type { Env } from "./env.ts";
import type { About } from "./integration.ts";

export { Customer } from "./customer.ts";
export { Integration } from "./integration.ts";
export { Notifier } from "./notifier.ts";

const app = webhook<Env>({
  async accept(event, env) {
    if (event.type === "connection-flow-failed") {
      const address = addressOf(event.originId, event.organization);
      return env.CUSTOMERS.getByName(nameOf(address)).fail(address, event);
    }
    if (event.type === "issue-status-changed" && event.subject === null) {
      const address = addressOf(null, null);
      return env.CUSTOMERS.getByName(nameOf(address)).concern(address, event);
    }
    const about = event as About;
    return env.INTEGRATIONS.getByName(about.subject.integrationId).accept(about);
  },
  async quarantine(unreadable, env) {
    return env.NOTIFIER.getByName("main").quarantine(unreadable);
  },
});

export default app;

// A peer of the benchmark: what kombo-edge does, written as a good TypeScript engineer would, with Hono,
// zod and `crypto.subtle`, and the same three kinds of objects on SQLite.
//
// Guarantees: 200 means stored, with everything that follows; duplicates (type and id) are recognized for
// 30 days; any order of events leads to the same mapping; what was deleted stays deleted; an integration
// belongs to one customer; every effect stays in an outbox until it is done; incidents are opened,
// counted and closed; Slack gets at most one message a second, with digests in a storm, and is retried
// until it has accepted them.
//
// Left out: the read API, manual assignments, erasure, mutes, mentions and summaries; the weekly
// comparison with Workers KV; repeating a write a minute after a lost response; object names without
// personal data. A delivery needs none of these while all is well, so without them this peer is cheaper,
// not more expensive.

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

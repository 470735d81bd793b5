// A customer under load: everything that can happen to it, as an event and the expected outcome, or
// undefined if it can't happen at the moment.

import { makeEvent } from "../../dev/kombo.mjs";

const TOOLS = [
  ["personio", "HRIS"],
  ["lever", "ATS"],
];
/** How many events are remembered, which may be repeated. */
const REMEMBERED = 4;
/** How many of 100 states are INVALID. */
const INVALID = 5;

const accepted = (event) => ({ event, outcome: "accepted" });
const ignored = (event) => ({ event, outcome: "ignored" });

export class Customer {
  constructor(name, since, random) {
    Object.assign(this, { name, since, random });
    this.integrations = [];
    this.connections = 0;
    this.known = [];
    this.failing = undefined;
    this.issue = undefined;
  }

  /** Records that an event was accepted: from now on it is a duplicate. */
  acknowledged(event) {
    this.known.push(event);
    if (this.known.length > REMEMBERED) this.known.shift();
  }

  make(type, { tool, category, id }, data = {}) {
    const named = { originId: this.name, organization: `${this.name}, Inc.` };
    const event = makeEvent(type, { ...named, tool, category, integrationId: id });
    return { ...event, data: { ...event.data, ...data } };
  }

  /** The most recently connected integration. */
  get latest() {
    return this.integrations.at(-1);
  }

  /** The integration that it would connect next. */
  get nextTool() {
    const [tool, category] = TOOLS[this.integrations.length] ?? [];
    return tool && { tool, category, id: `${tool}:${this.name}-${this.connections}`, updates: 0 };
  }

  connected() {
    const next = this.nextTool;
    if (!next) return undefined;
    this.integrations.push(next);
    this.connections += 1;
    return accepted(this.make("integration-created", next));
  }

  failed() {
    if (this.failing || !this.nextTool) return undefined;
    this.failing = this.nextTool;
    return this.failedAgain();
  }

  failedAgain() {
    return this.failing && accepted(this.make("connection-flow-failed", this.failing));
  }

  stateChanged() {
    if (!this.latest) return undefined;
    this.latest.updates += 1;
    const state = this.random.happens(INVALID) ? "INVALID" : "ACTIVE";
    const updated_at = new Date(Date.UTC(2026, 10, 1, 0, this.latest.updates)).toISOString();
    return accepted(this.make("integration-state-changed", this.latest, { state, updated_at }));
  }

  issueChanged() {
    if (!this.latest) return undefined;
    const { issue, ...data } = this.make("issue-status-changed", this.latest).data;
    const resolved = this.issue === "raised";
    this.issue = resolved ? "resolved" : "raised";
    const changed = { ...issue, id: `${this.name}-issue` };
    if (resolved)
      Object.assign(changed, { status: "RESOLVED", resolved_at: new Date().toISOString() });
    const all = { ...data, change: this.issue, issue: changed };
    return accepted(this.make("issue-status-changed", this.latest, all));
  }

  deleted() {
    if (!this.latest) return undefined;
    return accepted(this.make("integration-deleted", this.integrations.pop()));
  }

  repeated() {
    const event = this.known.length > 0 && this.random.oneOf(this.known);
    return event ? { event, outcome: "duplicate" } : undefined;
  }

  dataChanged() {
    return ignored(this.make("data-changed", this.latest ?? {}));
  }

  syncFinished() {
    return ignored(this.make("sync-finished", this.latest ?? {}));
  }

  otherType() {
    return ignored(this.make("remote-event-received", this.latest ?? {}));
  }
}

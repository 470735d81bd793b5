// The object of one integration, which gets all events about it, in any order. It decides who holds it
// and which state it is in, and that it stays deleted once it was. Manual assignments and the weekly
// check of Workers KV are left out.

import type { EventOf, Subject } from "../shared/event.ts";
import { HEAD, integrationDocument, isUsable } from "../shared/mapping.ts";
import type { HeldIntegration, UnassignedDocument } from "../shared/mapping.ts";
import { iso } from "../shared/time.ts";
import type { Outcome } from "../shared/webhook.ts";
import { addressOf, nameOf } from "./env.ts";
import type { Env, Letter } from "./env.ts";
import { Shell } from "./shell.ts";

const HANDLE_LENGTH = 8;

/** An event about an integration. */
export type About = EventOf<
  | "integration-created"
  | "integration-deleted"
  | "integration-state-changed"
  | "issue-status-changed"
> & { subject: Subject };

interface State extends Subject {
  connectedAt: number;
  state: string | null;
  setupStatus: string | null;
  qaStatus: string | null;
  /** Kombo's time of the newest state, and its event. If times are equal, the greater id wins. */
  updatedAt: number | null;
  updatedBy: string;
  goneAt: number | null;
  /** A second customer that Kombo named; the first one holds it. */
  disputedBy: string | null;
  issues: Record<string, string>;
  resolved: Record<string, number>;
  revision: number;
}

export class Integration extends Shell<State> {
  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
  }

  accept(event: About): Outcome {
    const id = `${event.type}/${event.id}`;
    if (this.isKnown(id)) return "duplicate";
    const known = this.load();
    const before = known ?? begin(event.subject, event.receivedAt);
    const after = decide(before, event);
    this.commit(() => {
      this.remember(id, event.receivedAt);
      const isNews = !known || JSON.stringify(before) !== JSON.stringify(after);
      if (!isNews) return;
      after.revision += 1;
      this.save(after);
      this.project(after, event.receivedAt);
      this.tell(after, event.receivedAt);
      const wasUnassigned = known && before.originId === null && after.originId !== null;
      if (wasUnassigned) this.assign(before, after, event.receivedAt);
      if (after.disputedBy !== before.disputedBy) this.tellOfDispute(after, event.receivedAt);
    });
    return "accepted";
  }

  private project(state: State, now: number): void {
    const { integrationId: id, originId, goneAt, revision } = state;
    const key = `integration:${id}`;
    if (goneAt === null) {
      const value = integrationDocument(heldOf(state), originId, revision, now);
      this.enqueue("document", { do: "write", key, value });
    } else {
      this.enqueue("document", { do: "delete", key });
    }
    if (originId !== null) return;
    const unassigned = `unassigned:${id}`;
    if (goneAt === null) {
      const value = unassignedDocument(state, this.handle, now);
      this.enqueue("unassigned", { do: "write", key: unassigned, value });
    } else {
      this.enqueue("unassigned", { do: "delete", key: unassigned });
    }
  }

  /** Notifies the holder. */
  private tell(state: State, now: number): void {
    const address = addressOf(state.originId, state.organization);
    const letter = letterOf(state, now);
    this.enqueue(`tell/${nameOf(address)}`, { do: "tell", address, letter });
  }

  /** Kombo has named a customer: it no longer waits to be assigned. */
  private assign(before: State, after: State, now: number): void {
    this.enqueue("unassigned", { do: "delete", key: `unassigned:${after.integrationId}` });
    this.tell({ ...before, revision: after.revision, goneAt: now }, now);
  }

  /** A short name. The platform derives an object's id from a hash of its name. */
  private get handle(): string {
    return this.ctx.id.toString().slice(0, HANDLE_LENGTH);
  }

  private tellOfDispute(state: State, now: number): void {
    const cause = `${state.originId} and ${state.disputedBy} were both named for one integration`;
    const alert = {
      ...state,
      id: `dispute/${this.ctx.id}`,
      incident: `dispute/${this.ctx.id}`,
      kind: "for engineers" as const,
      attempts: 1,
      since: now,
      at: now,
      logUrl: null,
      causes: [cause],
    };
    this.enqueue("dispute", { do: "alert", alert });
  }
}

const begin = (subject: Subject, now: number): State => ({
  ...subject,
  connectedAt: now,
  state: null,
  setupStatus: null,
  qaStatus: null,
  updatedAt: null,
  updatedBy: "",
  goneAt: null,
  disputedBy: null,
  issues: {},
  resolved: {},
  revision: 0,
});

/** What is known after an event. */
function decide(before: State, event: About): State {
  if (before.goneAt !== null) return { ...before };
  const state = learn(before, event.subject);
  switch (event.type) {
    case "integration-created":
      return state;
    case "integration-deleted":
      return { ...state, goneAt: event.receivedAt, issues: {} };
    case "integration-state-changed":
      return changed(state, event);
    case "issue-status-changed":
      return troubled(state, event);
  }
}

/** Missing values overwrite nothing, and the first customer that was named holds it. */
function learn(state: State, subject: Subject): State {
  const other =
    subject.originId !== null && state.originId !== null && subject.originId !== state.originId;
  return {
    ...state,
    tool: subject.tool ?? state.tool,
    category: subject.category ?? state.category,
    organization: other ? state.organization : (subject.organization ?? state.organization),
    contact: other ? state.contact : (subject.contact ?? state.contact),
    originId: state.originId ?? subject.originId,
    disputedBy: other ? subject.originId : state.disputedBy,
  };
}

function changed(state: State, event: EventOf<"integration-state-changed">): State {
  const { updatedAt, updatedBy } = state;
  const isOlder = updatedAt !== null && event.updatedAt < updatedAt;
  if (isOlder || (event.updatedAt === updatedAt && event.id <= updatedBy)) return state;
  return {
    ...state,
    state: event.state ?? state.state,
    setupStatus: event.setupStatus ?? state.setupStatus,
    qaStatus: event.qaStatus ?? state.qaStatus,
    updatedAt: event.updatedAt,
    updatedBy: event.id,
  };
}

function troubled(state: State, event: EventOf<"issue-status-changed">): State {
  const { [event.issueId]: _, ...others } = state.issues;
  if (event.change === "resolved") {
    const at = event.resolvedAt ?? event.receivedAt;
    return { ...state, issues: others, resolved: { ...state.resolved, [event.issueId]: at } };
  }
  const resolvedAt = state.resolved[event.issueId];
  const isLate = resolvedAt !== undefined && (event.raisedAt ?? event.receivedAt) <= resolvedAt;
  return isLate ? state : { ...state, issues: { ...others, [event.issueId]: event.issueType } };
}

const letterOf = (state: State, now: number): Letter => ({
  version: state.revision,
  gone: state.goneAt !== null,
  held: heldOf(state),
  organization: state.organization,
  contact: state.contact,
  causes: causesOf(state),
  at: now,
});

const causesOf = ({ state, issues, goneAt }: State) =>
  goneAt !== null
    ? []
    : [...(state === "INVALID" ? ["state INVALID"] : []), ...Object.values(issues)];

function heldOf(it: State): HeldIntegration {
  const states = { state: it.state, setup_status: it.setupStatus, qa_status: it.qaStatus };
  return {
    id: it.integrationId,
    tool: it.tool,
    category: it.category,
    ...states,
    usable: isUsable(states),
    connected_at: iso(it.connectedAt),
    state_changed_at: it.updatedAt === null ? null : iso(it.updatedAt),
  };
}

const unassignedDocument = (state: State, handle: string, now: number): UnassignedDocument => ({
  ...HEAD,
  integration_id: state.integrationId,
  handle,
  organization_name: state.organization,
  tool: state.tool,
  category: state.category,
  connected_at: iso(state.connectedAt),
  revision: state.revision,
  updated_at: iso(now),
});

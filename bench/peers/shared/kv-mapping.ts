// What an event changes if there is only Workers KV: it reads a document, changes it and writes it back.
// Another event may do the same in between, and a write can take a minute to become visible, so an update
// can be lost. Nothing here can prevent that.

import type { Alert } from "./alert.ts";
import type { Event, EventOf, Subject } from "./event.ts";
import {
  HEAD,
  customerDocument,
  customerSummary,
  integrationDocument,
  isUsable,
} from "./mapping.ts";
import type { CustomerDocument, HeldIntegration, IncidentDocument } from "./mapping.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS, iso } from "./time.ts";

const REMEMBERED_S = (30 * DAY_MS) / SECOND_MS;
const INCIDENT_S = (7 * DAY_MS) / SECOND_MS;
const PAUSE_MS = 15 * MINUTE_MS;

/** An incident, and when and by which event the team was last notified. */
type Incident = IncidentDocument & { told_at: string; told_by: string };
type State = Pick<HeldIntegration, "state" | "setup_status" | "qa_status" | "state_changed_at">;

const markOf = ({ type, id }: Event) => `event:${type}/${id}`;

export const isMarked = async (kv: KVNamespace, event: Event) =>
  (await kv.get(markOf(event))) !== null;

export const mark = (kv: KVNamespace, event: Event) =>
  kv.put(markOf(event), "", { expirationTtl: REMEMBERED_S });

/** Updates the mapping, and returns the alert for the team, if there is one. */
export async function apply(kv: KVNamespace, event: Event): Promise<Alert[]> {
  switch (event.type) {
    case "integration-created":
      await hold(kv, event.subject, event.receivedAt);
      return connected(kv, event);
    case "integration-deleted":
      await release(kv, event.subject, event.receivedAt);
      return [];
    case "integration-state-changed":
      await hold(kv, event.subject, event.receivedAt, stateOf(event));
      return event.state === "INVALID" ? incident(kv, { ...event, ...event.subject }) : [];
    case "issue-status-changed":
      return event.change === "raised" ? incident(kv, { ...event, ...event.subject }) : [];
    case "connection-flow-failed":
      return incident(kv, event);
  }
}

const stateOf = (event: EventOf<"integration-state-changed">): State => ({
  state: event.state,
  setup_status: event.setupStatus,
  qa_status: event.qaStatus,
  state_changed_at: iso(event.updatedAt),
});

async function hold(kv: KVNamespace, subject: Subject, now: number, state?: State) {
  const { integrationId: id, tool, category, originId } = subject;
  const document = await customerOf(kv, originId);
  const before = document?.integrations.find((it) => it.id === id);
  const merged: State = {
    state: state?.state ?? before?.state ?? null,
    setup_status: state?.setup_status ?? before?.setup_status ?? null,
    qa_status: state?.qa_status ?? before?.qa_status ?? null,
    state_changed_at: state?.state_changed_at ?? before?.state_changed_at ?? null,
  };
  const connected_at = before?.connected_at ?? iso(now);
  const held = { id, tool, category, ...merged, usable: isUsable(merged), connected_at };
  const others = document?.integrations.filter((it) => it.id !== id) ?? [];
  const revision = (document?.revision ?? 0) + 1;
  const value = integrationDocument(held, originId, revision, now);
  await Promise.all([
    kv.put(`integration:${id}`, JSON.stringify(value)),
    writeCustomer(kv, subject, [...others, held], revision, now),
  ]);
}

async function release(kv: KVNamespace, subject: Subject, now: number) {
  const document = await customerOf(kv, subject.originId);
  const others = document?.integrations.filter(({ id }) => id !== subject.integrationId) ?? [];
  await Promise.all([
    kv.delete(`integration:${subject.integrationId}`),
    writeCustomer(kv, subject, others, (document?.revision ?? 0) + 1, now),
  ]);
}

const customerOf = (kv: KVNamespace, originId: string | null) =>
  originId === null ? null : kv.get<CustomerDocument>(`customer:${originId}`, "json");

async function writeCustomer(
  kv: KVNamespace,
  { originId, organization }: Subject,
  held: HeldIntegration[],
  revision: number,
  now: number,
) {
  if (originId === null) return;
  const value = customerDocument({ originId, organization, revision }, held, now);
  if (!value) return kv.delete(`customer:${originId}`);
  const metadata = customerSummary(value);
  return kv.put(`customer:${originId}`, JSON.stringify(value), { metadata });
}

/** The customer and the tool of an incident. */
interface About {
  id: string;
  type: Event["type"];
  receivedAt: number;
  originId?: string | null;
  organization?: string | null;
  contact?: string | null;
  tool?: string | null;
  category?: string | null;
  logUrl?: string | null;
}

const incidentKey = ({ originId, organization, tool, category }: About) =>
  `incident:${originId ?? organization}:${tool}:${category}`;

/** Opens an incident or counts another attempt. The team is notified at once, and again after a pause. */
async function incident(kv: KVNamespace, about: About): Promise<Alert[]> {
  const key = incidentKey(about);
  const before = await kv.get<Incident>(key, "json");
  // The same event again: Slack did not accept its alert.
  const isAgain = before?.told_by === about.id;
  const isFresh = before !== null && about.receivedAt - Date.parse(before.told_at) < PAUSE_MS;
  const isTold = isFresh && !isAgain;
  const at = iso(about.receivedAt);
  const value: Incident = {
    ...HEAD,
    kind: about.type === "connection-flow-failed" ? "connection" : "integration",
    origin_id: about.originId ?? null,
    organization_name: about.organization ?? null,
    tool: about.tool ?? null,
    category: about.category ?? null,
    attempts: (before?.attempts ?? 0) + (isAgain ? 0 : 1),
    causes: [],
    first_at: before?.first_at ?? at,
    last_at: at,
    muted_until: null,
    assignee: null,
    acts: [],
    revision: (before?.revision ?? 0) + 1,
    told_at: isTold ? before.told_at : at,
    told_by: isTold ? before.told_by : about.id,
  };
  await kv.put(key, JSON.stringify(value), { expirationTtl: INCIDENT_S });
  const kind = value.kind === "connection" ? "failed" : "stopped working";
  return isTold ? [] : [alertOf(about, value, kind)];
}

/** Closes the incident of a tool that is now connected. */
async function connected(kv: KVNamespace, event: EventOf<"integration-created">): Promise<Alert[]> {
  const about = { ...event, ...event.subject };
  const key = incidentKey(about);
  const before = await kv.get<Incident>(key, "json");
  if (before === null) return [];
  await kv.delete(key);
  return [alertOf(about, before, "connected")];
}

const alertOf = (about: About, it: Incident, kind: Alert["kind"]): Alert => ({
  id: about.id,
  incident: incidentKey(about),
  kind,
  originId: it.origin_id,
  organization: it.organization_name,
  contact: about.contact ?? null,
  tool: it.tool,
  category: it.category,
  attempts: it.attempts,
  since: Date.parse(it.first_at),
  at: Date.parse(it.last_at),
  logUrl: about.logUrl ?? null,
  causes: it.causes,
});

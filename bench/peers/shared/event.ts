// Parses Kombo's events. Only the fields that are needed are required, and unknown ones are ignored,
// since Kombo adds fields. Types of events that change nothing here are left out.

import * as z from "zod";

const MAX_ID_BYTES = 256;

const bytes = new TextEncoder();
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const word = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const time = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));
/** An empty or blank id counts as missing. */
const originId = word.transform((value) => (value?.trim() ? value : null));

const endUser = z
  .object({ origin_id: originId, organization_name: word, creator_email: word })
  .nullish()
  .transform((user) => ({
    originId: user?.origin_id ?? null,
    organization: user?.organization_name ?? null,
    contact: user?.creator_email ?? null,
  }));

/** The integration's id and tool, under the field names of most types. */
const named = z
  .object({ id: z.string().min(1), tool: word, category: word, end_user: endUser })
  .transform((it) => ({
    integrationId: it.id,
    tool: it.tool,
    category: it.category,
    ...it.end_user,
  }));

const created = named.transform((subject) => ({ type: "integration-created" as const, subject }));
const deleted = named.transform((subject) => ({ type: "integration-deleted" as const, subject }));

const stateChanged = z
  .object({
    integration_id: z.string().min(1),
    integration_tool: word,
    integration_category: word,
    end_user: endUser,
    state: word,
    setup_status: word,
    qa_status: word,
    updated_at: time,
  })
  .transform((it) => ({
    type: "integration-state-changed" as const,
    subject: {
      integrationId: it.integration_id,
      tool: it.integration_tool,
      category: it.integration_category,
      ...it.end_user,
    },
    state: it.state,
    setupStatus: it.setup_status,
    qaStatus: it.qa_status,
    updatedAt: it.updated_at,
  }));

const issueChanged = z
  .object({
    change: z.enum(["raised", "resolved"]),
    issue: z.object({
      id: z.string().min(1),
      type: z.string(),
      first_observed_at: time.nullish(),
      resolved_at: time.nullish(),
    }),
    integration: named.nullable(),
  })
  .transform((it) => ({
    type: "issue-status-changed" as const,
    subject: it.integration,
    change: it.change,
    issueId: it.issue.id,
    issueType: it.issue.type,
    raisedAt: it.issue.first_observed_at ?? null,
    resolvedAt: it.issue.resolved_at ?? null,
  }));

const flowFailed = z
  .object({
    integration_tool: word,
    integration_category: word,
    end_user: endUser,
    log_url: word,
  })
  .transform((it) => ({
    type: "connection-flow-failed" as const,
    tool: it.integration_tool,
    category: it.integration_category,
    logUrl: it.log_url,
    ...it.end_user,
  }));

const TYPES = {
  "integration-created": created,
  "integration-deleted": deleted,
  "integration-state-changed": stateChanged,
  "issue-status-changed": issueChanged,
  "connection-flow-failed": flowFailed,
};

const envelope = z.object({
  id: z
    .string()
    .min(1)
    .refine((id) => bytes.encode(id).length <= MAX_ID_BYTES),
  type: z.string(),
  data: z.unknown(),
});

type Facts = z.infer<(typeof TYPES)[keyof typeof TYPES]>;

/** What an event says about an integration. */
export type Subject = z.infer<typeof named>;
/** An event that changes something. */
export type Event = Facts & { id: string; receivedAt: number };
export type EventOf<T extends Event["type"]> = Extract<Event, { type: T }>;
/** A signed event of a known type that lacks a required field. */
export interface Unreadable {
  id: string;
  type: string;
  reason: string;
  receivedAt: number;
  body: string;
}

export type Reading =
  | { kind: "event"; event: Event }
  | { kind: "unreadable"; unreadable: Unreadable }
  | { kind: "other"; id: string; type: string }
  | { kind: "no event" }
  | { kind: "no JSON" };

export function read(body: ArrayBuffer, receivedAt: number): Reading {
  const text = textOf(body);
  const value = text === undefined ? undefined : valueOf(text);
  if (text === undefined || value === undefined) return { kind: "no JSON" };
  const outer = envelope.safeParse(value);
  if (!outer.success) return { kind: "no event" };
  const { id, type, data } = outer.data;
  const schema = Object.hasOwn(TYPES, type) ? TYPES[type as keyof typeof TYPES] : undefined;
  if (!schema) return { kind: "other", id, type };
  const facts = schema.safeParse(data);
  if (facts.success) return { kind: "event", event: { ...facts.data, id, receivedAt } };
  const reason = facts.error.issues.map(({ path }) => path.join(".")).join(", ");
  return { kind: "unreadable", unreadable: { id, type, reason, receivedAt, body: text } };
}

function textOf(body: ArrayBuffer): string | undefined {
  try {
    return utf8.decode(body);
  } catch {
    return undefined;
  }
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The object of one customer: which integrations it holds, as they report it, and its incidents. It
// decides which alerts the team gets. An organization without an id and the environment also have such an
// object, which holds nothing.

import type { Alert } from "../shared/alert.ts";
import type { EventOf } from "../shared/event.ts";
import { HEAD, customerDocument, customerSummary } from "../shared/mapping.ts";
import type { HeldIntegration, IncidentDocument } from "../shared/mapping.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, iso } from "../shared/time.ts";
import type { Outcome } from "../shared/webhook.ts";
import type { Address, Env, Letter } from "./env.ts";
import { nameOf } from "./env.ts";
import { Shell } from "./shell.ts";

const FIRST_PAUSE_MS = 15 * MINUTE_MS;
const MAX_PAUSE_MS = 4 * HOUR_MS;
const GIVEN_UP_MS = 7 * DAY_MS;

const TABLES = `
  CREATE TABLE IF NOT EXISTS holdings (
    integration TEXT PRIMARY KEY, version INTEGER NOT NULL, held TEXT
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS incidents (key TEXT PRIMARY KEY, incident TEXT NOT NULL) WITHOUT ROWID;`;

interface State {
  address: Address;
  organization: string | null;
  contact: string | null;
  revision: number;
  /** The number of alerts so far, for the ids of the next ones. */
  alerts: number;
}

interface Incident {
  key: string;
  kind: "connection" | "integration" | "environment";
  tool: string | null;
  category: string | null;
  attempts: number;
  causes: string[];
  firstAt: number;
  lastAt: number;
  logUrl: string | null;
  /** What the team knows about it, since when, and how long further failures wait. */
  reportedAttempts: number;
  reportedAt: number;
  pauseMs: number;
  /** When it is checked again. */
  lookAt: number;
  revision: number;
}

type Facts = Pick<Incident, "key" | "kind" | "tool" | "category" | "causes" | "logUrl">;

export class Customer extends Shell<State> {
  constructor(context: DurableObjectState, env: Env) {
    super(context, env, TABLES);
  }

  /** A customer could not connect a tool. */
  fail(address: Address, event: EventOf<"connection-flow-failed">): Outcome {
    const id = `${event.type}/${event.id}`;
    if (this.isKnown(id)) return "duplicate";
    const state = learn(this.load() ?? begin(address), event);
    const { tool, category, logUrl } = event;
    const key = `connection:${tool}:${category}`;
    this.commit(() => {
      this.remember(id, event.receivedAt);
      const facts: Facts = { key, kind: "connection", tool, category, causes: [], logUrl };
      this.openOrCount(state, facts, event.receivedAt);
      this.save(state);
    });
    return "accepted";
  }

  /** An issue that Kombo has with all integrations. */
  concern(address: Address, event: EventOf<"issue-status-changed">): Outcome {
    const id = `${event.type}/${event.id}`;
    if (this.isKnown(id)) return "duplicate";
    const state = this.load() ?? begin(address);
    this.commit(() => {
      this.remember(id, event.receivedAt);
      const key = `environment:${event.issueId}`;
      const causes = event.change === "raised" ? [event.issueType] : [];
      const facts: Facts = {
        key,
        kind: "environment",
        tool: null,
        category: null,
        causes,
        logUrl: null,
      };
      this.judge(state, facts, event.receivedAt);
      this.save(state);
    });
    return "accepted";
  }

  /**
   * An integration reports whether this customer holds it. A message older than the last one is ignored.
   */
  handle(address: Address, letter: Letter): void {
    const { held, version } = letter;
    const [before] = this.sql
      .exec<{ version: number; held: string | null }>(
        "SELECT version, held FROM holdings WHERE integration = ?",
        held.id,
      )
      .toArray();
    if (before && before.version >= version) return;
    const state = learn(this.load() ?? begin(address), letter);
    this.commit(() => {
      const text = letter.gone ? null : JSON.stringify(held);
      this.sql.exec("INSERT OR REPLACE INTO holdings VALUES (?, ?, ?)", held.id, version, text);
      if (!letter.gone && !before?.held) this.succeed(state, held, letter.at);
      const { tool, category } = held;
      const causes = letter.gone ? [] : letter.causes;
      const key = `integration:${held.id}`;
      this.judge(
        state,
        { key, kind: "integration", tool, category, causes, logUrl: null },
        letter.at,
      );
      state.revision += 1;
      this.save(state);
      this.project(state, letter.at);
    });
  }

  protected override look(key: string): void {
    const state = this.load();
    const incident = this.incident(key);
    if (!state || !incident) return;
    const now = Date.now();
    this.commit(() => {
      if (incident.kind === "connection" && now - incident.lastAt >= GIVEN_UP_MS)
        return this.close(state, incident);
      if (incident.attempts > incident.reportedAttempts) {
        this.tell(state, incident, "failed", now);
        incident.pauseMs = Math.min(incident.pauseMs * 2, MAX_PAUSE_MS);
      }
      this.putOff(incident, incident.lastAt + GIVEN_UP_MS);
      this.keep(state, incident);
      this.save(state);
    });
  }

  private openOrCount(state: State, facts: Facts, now: number): void {
    const open = this.incident(facts.key);
    if (!open) return this.open(state, facts, now);
    open.attempts += 1;
    open.lastAt = now;
    open.logUrl = facts.logUrl ?? open.logUrl;
    // Its document may be stale for a pause, so that a customer who keeps trying causes no writes.
    const due = Math.max(now, open.reportedAt + open.pauseMs);
    if (due < open.lookAt) this.putOff(open, due);
    this.store(open);
  }

  private open(state: State, facts: Facts, now: number): void {
    const rest = { attempts: 1, reportedAttempts: 0, reportedAt: 0, lookAt: 0, revision: 0 };
    const incident = { ...facts, ...rest, firstAt: now, lastAt: now, pauseMs: FIRST_PAUSE_MS };
    this.tell(state, incident, facts.kind === "connection" ? "failed" : "stopped working", now);
    if (facts.kind === "connection") this.putOff(incident, now + GIVEN_UP_MS);
    this.keep(state, incident);
  }

  /** An incident is open exactly as long as it has causes. */
  private judge(state: State, facts: Facts, now: number): void {
    const open = this.incident(facts.key);
    if (!open && facts.causes.length > 0) return this.open(state, facts, now);
    if (!open || open.causes.join() === facts.causes.join()) return;
    Object.assign(open, { causes: facts.causes, lastAt: now });
    if (facts.causes.length > 0) return this.keep(state, open);
    this.tell(state, open, "recovered", now);
    this.close(state, open);
  }

  /** A new integration closes the incidents of failed connections with the same tool or category. */
  private succeed(state: State, { category }: HeldIntegration, now: number): void {
    for (const incident of this.incidents()) {
      if (incident.kind !== "connection" || incident.category !== category) continue;
      this.tell(state, incident, "connected", now);
      this.close(state, incident);
    }
  }

  private tell(state: State, incident: Incident, kind: Alert["kind"], now: number): void {
    state.alerts += 1;
    const name = nameOf(state.address);
    const alert: Alert = {
      id: `${this.ctx.id.toString().slice(0, 16)}-${state.alerts}`,
      incident: `${name}/${incident.key}`,
      kind,
      originId: state.address.kind === "customer" ? state.address.id : null,
      organization: state.organization,
      contact: state.contact,
      tool: incident.tool,
      category: incident.category,
      attempts: incident.attempts,
      since: incident.firstAt,
      at: incident.lastAt,
      logUrl: incident.logUrl,
      causes: incident.causes,
    };
    Object.assign(incident, { reportedAttempts: incident.attempts, reportedAt: now });
    this.enqueue(`alert/${alert.id}`, { do: "alert", alert });
  }

  private putOff(incident: Incident, due: number): void {
    incident.lookAt = due;
    this.enqueue(`look/${incident.key}`, { do: "look", incident: incident.key }, due);
  }

  private keep(state: State, incident: Incident): void {
    incident.revision += 1;
    this.store(incident);
    const key = `incident:${nameOf(state.address)}:${incident.key}`;
    const value = incidentDocument(state, incident);
    this.enqueue(key, { do: "write", key, value });
  }

  private close(state: State, incident: Incident): void {
    this.sql.exec("DELETE FROM incidents WHERE key = ?", incident.key);
    this.sql.exec("DELETE FROM outbox WHERE slot = ?", `look/${incident.key}`);
    const key = `incident:${nameOf(state.address)}:${incident.key}`;
    this.enqueue(key, { do: "delete", key });
  }

  private store(incident: Incident): void {
    const text = JSON.stringify(incident);
    this.sql.exec("INSERT OR REPLACE INTO incidents VALUES (?, ?)", incident.key, text);
  }

  private incident(key: string): Incident | undefined {
    const rows = this.sql.exec<{ incident: string }>(
      "SELECT incident FROM incidents WHERE key = ?",
      key,
    );
    const [row] = rows.toArray();
    return row && (JSON.parse(row.incident) as Incident);
  }

  private incidents(): Incident[] {
    const rows = this.sql.exec<{ incident: string }>("SELECT incident FROM incidents").toArray();
    return rows.map(({ incident }) => JSON.parse(incident) as Incident);
  }

  private project(state: State, now: number): void {
    const { address, organization, revision } = state;
    if (address.kind !== "customer") return;
    const rows = this.sql
      .exec<{ held: string }>("SELECT held FROM holdings WHERE held IS NOT NULL")
      .toArray();
    const held = rows.map((row) => JSON.parse(row.held) as HeldIntegration);
    const value = customerDocument({ originId: address.id, organization, revision }, held, now);
    const key = `customer:${address.id}`;
    if (!value) return this.enqueue("document", { do: "delete", key });
    const metadata = customerSummary(value);
    this.enqueue("document", { do: "write", key, value, metadata });
  }
}

const begin = (address: Address): State => ({
  address,
  organization: null,
  contact: null,
  revision: 0,
  alerts: 0,
});

const learn = (state: State, named: Pick<State, "organization" | "contact">): State => ({
  ...state,
  organization: named.organization ?? state.organization,
  contact: named.contact ?? state.contact,
});

const incidentDocument = ({ address, organization }: State, it: Incident): IncidentDocument => ({
  ...HEAD,
  kind: it.kind,
  origin_id: address.kind === "customer" ? address.id : null,
  organization_name: organization,
  tool: it.tool,
  category: it.category,
  attempts: it.attempts,
  causes: it.causes,
  first_at: iso(it.firstAt),
  last_at: iso(it.lastAt),
  muted_until: null,
  assignee: null,
  acts: [],
  revision: it.revision,
});

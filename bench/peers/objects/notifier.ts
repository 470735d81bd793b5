// The queue in front of Slack, and the quarantine. It posts at most one message a second, merges storms
// into digests, and keeps what Slack did not accept. Summaries and mentions are left out.

import { digestOf, messageOf, plainTextOf } from "../shared/alert.ts";
import type { Alert } from "../shared/alert.ts";
import type { Unreadable } from "../shared/event.ts";
import { HEAD } from "../shared/mapping.ts";
import type { QuarantineDocument } from "../shared/mapping.ts";
import { post } from "../shared/slack.ts";
import type { Answer } from "../shared/slack.ts";
import { MINUTE_MS, SECOND_MS, iso } from "../shared/time.ts";
import { log } from "../shared/webhook.ts";
import type { Outcome } from "../shared/webhook.ts";
import type { Env } from "./env.ts";
import { Shell, backoffMs } from "./shell.ts";

const PACE_MS = SECOND_MS;
const REFUSED_HOOK_MS = 15 * MINUTE_MS;
/** If more alerts than this wait, they become one message. */
const MAX_SEPARATE_ALERTS = 5;
/** A message has at most 50 blocks: a header, and a line for each alert. */
const MAX_DIGEST_ALERTS = 45;

const TABLES = `
  CREATE TABLE IF NOT EXISTS alerts (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, incident TEXT NOT NULL, alert TEXT NOT NULL,
    refused INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS undelivered (id TEXT PRIMARY KEY, alert TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS quarantine (event TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;`;

interface State {
  /** When the next post to the channel is allowed. */
  freeAt: number;
  /** Failed posts since the last one that was accepted. */
  failures: number;
}

type Row = { number: number; incident: string; alert: string; refused: number };
interface Batch {
  numbers: number[];
  alerts: Alert[];
  isRefused: boolean;
}

export class Notifier extends Shell<State> {
  constructor(context: DurableObjectState, env: Env) {
    super(context, env, TABLES);
  }

  take(alert: Alert): void {
    if (this.isKnown(alert.id)) return;
    this.commit(() => this.queue(alert));
  }

  quarantine({ id, type, reason, receivedAt, body }: Unreadable): Outcome {
    const event = `${type}/${id}`;
    if (this.isKnown(event)) return "quarantined";
    const document: QuarantineDocument = {
      ...HEAD,
      event_id: id,
      type,
      reason,
      received_at: iso(receivedAt),
      body,
    };
    this.commit(() => {
      this.remember(event, receivedAt);
      this.sql.exec("INSERT INTO quarantine VALUES (?, ?)", event, JSON.stringify(document));
      const key = `quarantine:${id}`;
      this.enqueue(key, { do: "write", key, value: document });
      this.queue(unreadableAlert(document, receivedAt));
    });
    return "quarantined";
  }

  private queue(alert: Alert): void {
    this.remember(alert.id, alert.at);
    const { id, incident } = alert;
    this.sql.exec(
      "INSERT INTO alerts (id, incident, alert) VALUES (?, ?, ?)",
      id,
      incident,
      JSON.stringify(alert),
    );
  }

  protected override nextDue(): number | undefined {
    const others = super.nextDue();
    const waits = this.sql.exec("SELECT 1 FROM alerts LIMIT 1").toArray().length > 0;
    if (!waits) return others;
    return Math.min(Math.max(this.state().freeAt, Date.now()), others ?? Number.POSITIVE_INFINITY);
  }

  protected override async run(): Promise<void> {
    const state = this.state();
    const batch = Date.now() >= state.freeAt ? this.next() : undefined;
    if (batch) await this.deliver(state, batch);
    await super.run();
  }

  private state(): State {
    return this.load() ?? { freeAt: 0, failures: 0 };
  }

  /** The oldest alert, or a digest. Of several alerts of an incident only the latest is kept. */
  private next(): Batch | undefined {
    const rows = this.sql
      .exec<Row>(
        "SELECT number, incident, alert, refused FROM alerts ORDER BY refused DESC, number LIMIT ?",
        MAX_DIGEST_ALERTS,
      )
      .toArray();
    const [oldest] = rows;
    if (!oldest) return undefined;
    const isDigest = rows.length > MAX_SEPARATE_ALERTS && !oldest.refused;
    const chosen = isDigest ? rows : rows.filter(({ incident }) => incident === oldest.incident);
    const latest = new Map(chosen.map(({ incident, alert }) => [incident, alert]));
    return {
      numbers: chosen.map(({ number }) => number),
      alerts: [...latest.values()].map((alert) => JSON.parse(alert) as Alert),
      isRefused: oldest.refused > 0,
    };
  }

  private async deliver(state: State, batch: Batch): Promise<void> {
    const answer = await post(this.env.SLACK_WEBHOOK_URL, textOf(batch));
    const [first] = batch.alerts;
    const ms = Date.now() - (first?.at ?? 0);
    log({ event: "alert", outcome: answer.kind, alerts: batch.alerts.length, ms });
    this.commit(() => {
      if (answer.kind === "delivered") this.forget(batch);
      if (answer.kind === "message refused") this.setAside(batch);
      this.save(after(answer, state, Date.now()));
    });
  }

  private forget({ numbers }: Batch): void {
    for (const number of numbers) this.sql.exec("DELETE FROM alerts WHERE number = ?", number);
  }

  /** A rejected message is sent again as plain text, and then listed as undelivered. */
  private setAside(batch: Batch): void {
    for (const number of batch.numbers) {
      if (batch.isRefused)
        this.sql.exec(
          "INSERT OR IGNORE INTO undelivered SELECT id, alert FROM alerts WHERE number = ?",
          number,
        );
      else this.sql.exec("UPDATE alerts SET refused = 1 WHERE number = ?", number);
    }
    if (batch.isRefused) this.forget(batch);
  }
}

function textOf({ alerts, isRefused }: Batch): string {
  const [only] = alerts;
  if (isRefused) return plainTextOf(alerts);
  return only && alerts.length === 1 ? messageOf(only) : digestOf(alerts);
}

function after(answer: Answer, { failures }: State, now: number): State {
  switch (answer.kind) {
    case "delivered":
    case "message refused":
      return { freeAt: now + PACE_MS, failures: 0 };
    case "wait":
      return { freeAt: now + answer.ms, failures };
    case "hook refused":
      return { freeAt: now + REFUSED_HOOK_MS, failures };
    case "no answer":
      return { freeAt: now + backoffMs(failures), failures: failures + 1 };
  }
}

const unreadableAlert = ({ type, reason }: QuarantineDocument, now: number): Alert => ({
  id: `quarantine/${type}/${reason}`,
  incident: `quarantine/${type}/${reason}`,
  kind: "for engineers",
  originId: null,
  organization: null,
  contact: null,
  tool: null,
  category: null,
  attempts: 1,
  since: now,
  at: now,
  logUrl: null,
  causes: [`an event of the type ${type} could not be read: ${reason}`],
});

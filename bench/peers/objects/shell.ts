// What the three kinds of objects share: one row of state, the ids of accepted events, and an outbox that
// only the alarm processes. A commit is synchronous, so rows, outbox and alarm become durable together,
// and the platform delays the response until they are.

import { DurableObject } from "cloudflare:workers";
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../shared/time.ts";
import { log } from "../shared/webhook.ts";
import { nameOf } from "./env.ts";
import type { Effect, Env } from "./env.ts";

const EFFECT_TIMEOUT_MS = 3 * SECOND_MS;
const MAX_BACKOFF_MS = 15 * MINUTE_MS;
const CONCURRENCY = 50;
/** An earlier alarm that is set within an alarm can get lost (workerd #6866). */
const SOONEST_WITHIN_MS = 100;

const REMEMBERED_MS = 30 * DAY_MS;
const REMEMBERED_MOST = 10_000;
/** Removing old ids reads every row, so it does not happen with each event. */
const FORGET_EVERY = 500;

const TABLES = `
  CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 0), state TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS seen (event TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (
    slot TEXT PRIMARY KEY, version INTEGER NOT NULL, due INTEGER NOT NULL,
    attempts INTEGER NOT NULL, effect TEXT NOT NULL
  ) WITHOUT ROWID;`;

type Row = { slot: string; version: number; attempts: number; effect: string };

/** 1 s, doubling up to 15 min, each up to a quarter longer. */
export const backoffMs = (attempts: number) =>
  Math.min(SECOND_MS * 2 ** attempts, MAX_BACKOFF_MS) * (1 + Math.random() / 4);

export abstract class Shell<State> extends DurableObject<Env> {
  protected readonly sql: SqlStorage;
  private remembered = 0;
  private armedFor: number | undefined;
  private isRunning = false;

  constructor(context: DurableObjectState, env: Env, tables = "") {
    super(context, env);
    this.sql = context.storage.sql;
    this.sql.exec(TABLES + tables);
  }

  protected load(): State | undefined {
    const [row] = this.sql.exec<{ state: string }>("SELECT state FROM head").toArray();
    return row && (JSON.parse(row.state) as State);
  }

  protected save(state: State): void {
    this.sql.exec("INSERT OR REPLACE INTO head VALUES (0, ?)", JSON.stringify(state));
  }

  protected isKnown(event: string): boolean {
    return this.sql.exec("SELECT 1 FROM seen WHERE event = ?", event).toArray().length > 0;
  }

  protected remember(event: string, now: number): void {
    this.sql.exec("INSERT OR IGNORE INTO seen VALUES (?, ?)", event, now);
    this.remembered += 1;
    if (this.remembered % FORGET_EVERY !== 0) return;
    this.sql.exec("DELETE FROM seen WHERE at < ?", now - REMEMBERED_MS);
    this.sql.exec(
      "DELETE FROM seen WHERE event IN (SELECT event FROM seen ORDER BY at DESC LIMIT -1 OFFSET ?)",
      REMEMBERED_MOST,
    );
  }

  /** Changes rows, outbox and alarm together, or none of them. */
  protected commit(change: () => void): void {
    this.ctx.storage.transactionSync(change);
    this.arm();
  }

  /** Adds an effect, which replaces the one in the same slot. */
  protected enqueue(slot: string, effect: Effect, due = Date.now()): void {
    this.sql.exec(
      `INSERT INTO outbox VALUES (?1, 1, ?2, 0, ?3) ON CONFLICT (slot)
       DO UPDATE SET version = version + 1, due = ?2, attempts = 0, effect = ?3`,
      slot,
      due,
      JSON.stringify(effect),
    );
  }

  protected nextDue(): number | undefined {
    return (
      this.sql.exec<{ due: number | null }>("SELECT min(due) AS due FROM outbox").one().due ??
      undefined
    );
  }

  private arm(soonest = 0): void {
    const next = this.nextDue();
    // A running alarm sets the next one at its end, and the platform repeats one that was interrupted.
    if (next === undefined || this.isRunning) return;
    const due = Math.max(next, soonest);
    if (this.armedFor !== undefined && this.armedFor <= due) return;
    this.armedFor = due;
    // Not awaited: the platform makes it durable together with the rows written before.
    void this.ctx.storage.setAlarm(due);
  }

  override async alarm(): Promise<void> {
    this.armedFor = undefined;
    this.isRunning = true;
    try {
      await this.run();
    } finally {
      this.isRunning = false;
      this.arm(Date.now() + SOONEST_WITHIN_MS);
    }
  }

  /** Performs the effects that are due. */
  protected async run(): Promise<void> {
    const rows = this.sql
      .exec<Row>(
        "SELECT slot, version, attempts, effect FROM outbox WHERE due <= ? ORDER BY due LIMIT ?",
        Date.now(),
        CONCURRENCY,
      )
      .toArray();
    await Promise.all(rows.map((row) => this.carryOut(row)));
  }

  private async carryOut({ slot, version, attempts, effect }: Row): Promise<void> {
    try {
      await limited(this.perform(JSON.parse(effect) as Effect));
      this.sql.exec("DELETE FROM outbox WHERE slot = ? AND version = ?", slot, version);
    } catch (error) {
      log({ event: "effect", outcome: "failed", reason: String(error) });
      this.sql.exec(
        "UPDATE outbox SET due = ?, attempts = attempts + 1 WHERE slot = ? AND version = ?",
        Date.now() + backoffMs(attempts),
        slot,
        version,
      );
    }
  }

  private async perform(effect: Effect): Promise<void> {
    const { MAPPINGS, CUSTOMERS, NOTIFIER } = this.env;
    switch (effect.do) {
      case "write": {
        const { key, value, metadata } = effect;
        return MAPPINGS.put(key, JSON.stringify(value), { metadata });
      }
      case "delete":
        return MAPPINGS.delete(effect.key);
      case "tell":
        return CUSTOMERS.getByName(nameOf(effect.address)).handle(effect.address, effect.letter);
      case "alert":
        return NOTIFIER.getByName("main").take(effect.alert);
      case "look":
        return this.look(effect.incident);
    }
  }

  /** What an object has postponed for itself. */
  protected look(_incident: string): void {}
}

/** Adds a timeout to a promise: no response in time counts as a failure. */
function limited<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), EFFECT_TIMEOUT_MS);
  });
  return Promise.race([work, end]).finally(() => clearTimeout(timer));
}

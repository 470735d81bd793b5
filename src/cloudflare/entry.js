// What the platform loads: the Worker as `worker-build` made it, behind classes that others can call: of
// objects, and of the entrypoint for other Workers. Those must extend the platform's own classes, which
// Rust cannot.
//
// A panic or a trap ends the instance of the WebAssembly module, and `worker-build` makes the next
// one. But calls of the lost instance would wait forever, so this file keeps track of
// what is in flight, and settles it.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import Worker, * as built from "worker-build";

const inFlight = new Set();

/** Settles everything in flight if this error is the end of an instance. */
function settleIfLost(error) {
  if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) return;
  for (const { reject } of inFlight) reject(new Error("the WebAssembly instance was lost"));
  inFlight.clear();
}

// What goes on after a wait has no caller that could catch.
addEventListener("error", ({ error }) => settleIfLost(error));
addEventListener("unhandledrejection", ({ reason }) => settleIfLost(reason));

/** Calls the module. */
function call(run) {
  try {
    return run();
  } catch (error) {
    settleIfLost(error);
    throw error;
  }
}

/** Calls the module for a promise, which rejects too when the instance is lost. */
async function callAsync(run) {
  const lost = Promise.withResolvers();
  inFlight.add(lost);
  try {
    return await Promise.race([call(run), lost.promise]);
  } finally {
    inFlight.delete(lost);
  }
}

const object = (Built) =>
  class extends DurableObject {
    #built = new Built(this.ctx, this.env);

    /** Replies to a message. What it made due is run after that; if that fails, by the alarm. */
    handle(message) {
      const reply = call(() => this.#built.handle(message));
      if (this.#built.hasBegun()) this.ctx.waitUntil(callAsync(() => this.#run()));
      return reply;
    }

    /** The reply leaves when the commit is on disk, and nothing that is run could leave before. */
    async #run() {
      await this.ctx.storage.sync();
      await this.#built.run();
    }

    alarm() {
      return callAsync(() => this.#built.alarm());
    }
  };

export const Integration = object(built.Integration);
export const Customer = object(built.Customer);
export const Notifier = object(built.Notifier);

/** Calls a method of the module. Throws if it returns a problem. */
async function read({ ctx, env }, method, argument) {
  const worker = new Worker(ctx, env);
  const call = [method, JSON.stringify([argument]), JSON.stringify(ctx.props ?? null), env];
  const returned = callAsync(() => worker.callMethod(...call));
  const { found, problem } = JSON.parse(await returned.catch(() => worker.callLost()));
  if (problem === undefined) return found;
  // Callers with an older compatibility date get nothing but the message, so it has the type.
  const error = new Error(`${problem.type}: ${problem.detail}`);
  throw Object.assign(error, problem, { name: "KomboEdgeProblem" });
}

/** What other Workers of the account read through a service binding, without a token. */
export class ReadApi extends WorkerEntrypoint {
  customer(originId) {
    return read(this, "customer", originId);
  }

  integration(integrationId) {
    return read(this, "integration", integrationId);
  }

  customers(page) {
    return read(this, "customers", page);
  }

  incidents(page) {
    return read(this, "incidents", page);
  }

  unassigned(page) {
    return read(this, "unassigned", page);
  }

  quarantine(page) {
    return read(this, "quarantine", page);
  }
}

export default {
  async fetch(request, env, context) {
    const worker = new Worker(context, env);
    try {
      return await callAsync(() => worker.fetch(request));
    } catch {
      return worker.answerLost(request);
    }
  },
};

// The Worker as the platform loads it: its classes and its entry, in front of what the module exports.
// Nothing is decided here. It leaves out what the module asks of the platform (platform.js).
//
// An instance of the module ends with a panic or a trap, and the next call makes another one. Whatever
// a call of the module throws is such an end: a failure that it survives is given back.

import { DurableObject } from "cloudflare:workers";
import * as module from "kombo-edge";
import { endInstance, instance } from "./platform.js";

/** Calls the present instance of the module; a lost one is replaced first. */
function call(run) {
  if (instance.isLost) module.__wbg_reset_state();
  try {
    return run();
  } catch (error) {
    endInstance();
    throw error;
  }
}

const isEnd = (error) => error instanceof WebAssembly.RuntimeError || error instanceof RangeError;

// Where the module runs on after it waited, nobody is there to catch.
addEventListener("error", ({ error }) => isEnd(error) && endInstance());
addEventListener("unhandledrejection", ({ reason }) => isEnd(reason) && endInstance());

// What runs on after it waited is queued. The runtime's own queue goes through C++ and back each time.
const now = Promise.resolve();
globalThis.queueMicrotask = (run) => void now.then(run);

/** An object of the platform around one of the module's, which is made anew in each instance. */
const object = (name) =>
  class extends DurableObject {
    #shell;
    #madeIn;

    /** Runs a call of the shell. */
    #run(run) {
      return call(() => {
        if (this.#madeIn !== instance.number) {
          this.#shell = new module[name](this.ctx.storage, this.env);
          this.#madeIn = instance.number;
        }
        return run(this.#shell);
      });
    }

    /** Hears a letter. Comes to the answer, or to null when there is none. */
    async hear(letter) {
      // To set anew the alarm that an instance before this one left would be billed as a row.
      // Asked before anything is committed, since nothing may be awaited after that.
      if (this.#run((shell) => shell.asksForAlarm())) {
        const alarm = await this.ctx.storage.getAlarm();
        this.#run((shell) => shell.recallAlarm(alarm ?? undefined));
      }
      const answer = this.#run((shell) => shell.hear(letter));
      if (answer instanceof Error) throw answer;
      return answer;
    }

    /** Runs what is due. */
    alarm() {
      return this.#run((shell) => shell.alarm());
    }
  };

export const Integration = object("Integration");
export const Customer = object("Customer");
export const Notifier = object("Notifier");

export default {
  fetch: (request, env, context) => call(() => module.fetch(request, env, context)),
};

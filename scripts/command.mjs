// Runs other programs: with their output shown while they work, or silently for their answer, also
// to something that they are told.

import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { projectEnvironment, root, Stop } from "./project.mjs";

// A silent program says nothing for minutes; a line this often shows that it is still at work.
const PROGRESS_INTERVAL_MS = 30_000;

// Node's own limit is a megabyte.
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What a program answers: `{ ok, output }`, where a missing program counts as not ok. */
export function capture(program, args, { env = projectEnvironment() } = {}) {
  const result = spawnSync(program, args, {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: MAX_OUTPUT_BYTES,
  });
  return {
    ok: result.status === 0,
    missing: result.error?.code === "ENOENT",
    output: `${result.stdout ?? ""}${result.stderr ?? ""}`.trim(),
  };
}

/**
 * Gives a program something on its standard input, where nobody else on the machine can read it, and
 * comes to what it answered: `{ ok, out, error }`, what it printed and what it complained of.
 */
export async function runWithInput(program, args, { env = projectEnvironment(), input = "" } = {}) {
  const child = spawn(program, args, { cwd: root, env, stdio: ["pipe", "pipe", "pipe"] });
  // It may end before it has read all.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = new Promise((resolve, reject) => {
    child.on("error", (error) =>
      reject(new Stop(`${program} could not be started: ${error.message}`)),
    );
    child.on("close", resolve);
  });
  const [code, out, error] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { ok: code === 0, out, error };
}

/**
 * Runs a program to its end with its output visible; rejects with a Stop unless it succeeds. `input`
 * is what it reads from: nothing, unless it is "inherit", which lets it ask whoever runs this.
 */
export function run(
  program,
  args,
  { env = projectEnvironment(), what, hint, input = "ignore" } = {},
) {
  const shown = [program, ...args].join(" ");
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: [input, "inherit", "inherit"] });
    const alive = setInterval(() => {
      console.log(`  … ${what ?? shown}: ${Math.round((Date.now() - started) / 1000)} s so far`);
    }, PROGRESS_INTERVAL_MS);
    const end = (settle) => {
      clearInterval(alive);
      settle();
    };
    child.on("error", (error) =>
      end(() => reject(new Stop(`${program} could not be started: ${error.message}`))),
    );
    child.on("close", (code, signal) =>
      end(() => {
        if (code === 0) return resolve();
        const why = signal ? `was ended by ${signal}` : `failed with exit code ${code}`;
        reject(new Stop([`${shown} ${why}.`, hint].filter(Boolean).join("\n")));
      }),
    );
  });
}

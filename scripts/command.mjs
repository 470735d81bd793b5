// Runs other programs: with their output shown, or captured, and with something on their standard input.

import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { inUserFolder, projectEnvironment, Stop } from "./project.mjs";

// A program may print nothing for minutes. A line at this interval shows that it is still running.
const PROGRESS_INTERVAL_MS = 30_000;

// Node's own limit is a megabyte.
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** Runs a program and returns `{ ok, missing, output }`. A missing program is not ok. */
export function capture(program, args, { env = projectEnvironment() } = {}) {
  const result = spawnSync(program, args, {
    cwd: inUserFolder(),
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
 * Runs a program with `input` on its standard input, where other users of the machine can't read it.
 * Resolves to `{ ok, out, error }`: whether it succeeded, and what it printed to each stream.
 */
export async function runWithInput(program, args, { env = projectEnvironment(), input = "" } = {}) {
  const child = spawn(program, args, { cwd: inUserFolder(), env, stdio: ["pipe", "pipe", "pipe"] });
  // It may end before it has read everything.
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
 * Runs a program to its end with its output shown, and rejects with a Stop unless it succeeds. It has no
 * standard input, unless `input` is "inherit", which lets it prompt on the terminal.
 */
export function run(
  program,
  args,
  { env = projectEnvironment(), what, hint, input = "ignore" } = {},
) {
  const shown = [program, ...args].join(" ");
  const started = Date.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: inUserFolder(),
      env,
      stdio: [input, "inherit", "inherit"],
    });
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
        const why = signal ? `was killed by ${signal}` : `failed with exit code ${code}`;
        reject(new Stop([`${shown} ${why}.`, hint].filter(Boolean).join("\n")));
      }),
    );
  });
}

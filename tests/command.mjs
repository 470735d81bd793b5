// Runs the commands of scripts/ against a testbed, each in its own process, as a user would.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { TOKENS } from "./testbed.mjs";

/**
 * Runs a script against a testbed, with the full token unless `edge` has another one, and returns
 * its exit code and everything that it printed.
 */
export async function command(edge, script, ...args) {
  return commandWith({}, edge, script, ...args);
}

/** The same, with additional environment variables. */
export async function commandWith(variables, edge, script, ...args) {
  const to = ["--url", String(edge.url), "--token", edge.token ?? TOKENS.API_TOKEN];
  return runScript(variables, script, ...args, ...to);
}

/** Runs a script with just these arguments. */
export async function runScript(variables, script, ...args) {
  const path = fileURLToPath(new URL(`../scripts/${script}.mjs`, import.meta.url));
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [path, ...args], { env });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, printed: out + error };
}

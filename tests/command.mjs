// Runs the commands of scripts/ against a testbed, each in its own process, as a user would.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { TOKENS } from "./testbed.mjs";

/** Runs a script against a testbed, and returns its exit code and everything that it printed. */
export async function command(edge, script, ...args) {
  return commandWith({}, edge, script, ...args);
}

/** The same, with additional environment variables. */
export async function commandWith(variables, edge, script, ...args) {
  const path = fileURLToPath(new URL(`../scripts/${script}.mjs`, import.meta.url));
  const to = ["--url", String(edge.url), "--token", TOKENS.API_TOKEN];
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [path, ...args, ...to], { env });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, printed: out + error };
}

// Runs the commands of the program against a testbed, each in its own process, as a user would.

import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { inProject } from "../scripts/project.mjs";
import { TOKENS } from "./testbed.mjs";

const PROGRAM = inProject("bin", "kombo-edge.mjs");

/**
 * Runs a command against a testbed, with the full token unless `edge` has another one, and returns
 * its exit code and everything that it printed.
 */
export async function command(edge, name, ...args) {
  return commandWith({}, edge, name, ...args);
}

/** The same, with additional environment variables. */
export async function commandWith(variables, edge, name, ...args) {
  const to = ["--url", String(edge.url), "--token", edge.token ?? TOKENS.API_TOKEN];
  return runCommand(variables, name, ...args, ...to);
}

/** Runs a command with just these arguments. */
export async function runCommand(variables, name, ...args) {
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [PROGRAM, name, ...args], { env });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, printed: out + error };
}

// The Node version that the scripts run on. If the machine's Node is older than package.json requires,
// npm installs a newer one in .tools, and the script continues under it. Everything that runs before
// that, which is this file and whatever a script imports at its top, must also work on the older one.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { installLocked } from "./packages.mjs";
import { inProject, isPackaged, Stop, tools } from "./project.mjs";

const MIN_VERSION = JSON.parse(readFileSync(inProject("package.json"), "utf8")).engines.node.slice(
  2,
);

// The signals that ask a process to end.
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const numbers = (version) => version.split(".").map(Number);

/** Whether package.json allows this version of Node. */
export function isNewEnough(version = process.versions.node) {
  const have = numbers(version);
  const minimum = numbers(MIN_VERSION);
  const differs = minimum.findIndex((number, at) => have[at] !== number);
  return differs < 0 || have[differs] > minimum[differs];
}

/** Continues this script under a Node that is new enough. The code after the call does not run. */
export async function continueUnderNewer() {
  const remedy = `Node ${MIN_VERSION} or newer is required, and this is ${process.versions.node}: install it from nodejs.org.`;
  if (isPackaged) throw new Stop(remedy);
  const folder = join(tools, "node");
  await installLocked({ from: inProject("scripts", "node"), to: folder, what: "a newer Node" });
  // npm skips the package if it does not support this platform.
  const node = join(folder, "node_modules", ".bin", "node");
  if (!existsSync(node)) throw new Stop(remedy);
  await continueUnder(node, remedy);
}

/** Continues this script under another Node, with the same arguments, input, output and exit code. */
export function continueUnder(node, remedy) {
  // First in PATH, so that programs such as npm use it too.
  const PATH = [dirname(node), process.env.PATH].join(delimiter);
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, PATH },
  });
  // Ctrl-C in a terminal reaches both processes. Other signals reach only this one.
  const passOn = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  return new Promise((_, reject) => {
    child.once("error", ({ message }) => reject(new Stop(`${message}\n${remedy}`)));
    child.once("exit", (code, signal) => {
      if (signal === null) process.exit(code);
      for (const one of SIGNALS) process.removeListener(one, passOn);
      process.kill(process.pid, signal);
    });
  });
}

// The Node that the scripts run on. Where the machine's own is older than package.json asks for, a newer
// one is brought into .tools by npm, and the script goes on under that one. What runs before it does, which
// is this file and all that a script imports at its top, has to be understood by the older one too.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { installLocked } from "./packages.mjs";
import { inProject, Stop, tools } from "./project.mjs";

const MIN_VERSION = JSON.parse(readFileSync(inProject("package.json"), "utf8")).engines.node.slice(
  2,
);

// Those that ask a process to end.
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const numbers = (version) => version.split(".").map(Number);

/** Whether this version of Node is one that package.json allows. */
export function isNewEnough(version = process.versions.node) {
  const have = numbers(version);
  const minimum = numbers(MIN_VERSION);
  const differs = minimum.findIndex((number, at) => have[at] !== number);
  return differs < 0 || have[differs] > minimum[differs];
}

/** Goes on with this script under a Node that is new enough; what follows here does not run. */
export async function goOnUnderNewer() {
  const remedy = `Node ${MIN_VERSION} or newer is needed, and this is ${process.versions.node}: install it from nodejs.org.`;
  const folder = join(tools, "node");
  await installLocked({ from: inProject("scripts", "node"), to: folder, what: "a newer Node" });
  // A package of another platform than this one is left out.
  const node = join(folder, "node_modules", ".bin", "node");
  if (!existsSync(node)) throw new Stop(remedy);
  await goOnUnder(node, remedy);
}

/** Goes on with this script under another Node: the same arguments, input and output, and the same end. */
export function goOnUnder(node, remedy) {
  // The first one for whatever is started, such as npm.
  const PATH = [dirname(node), process.env.PATH].join(delimiter);
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: "inherit",
    env: { ...process.env, PATH },
  });
  // A terminal tells both of Ctrl-C. Whoever else ends a process tells this one alone.
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

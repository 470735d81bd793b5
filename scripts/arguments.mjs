// Parses the arguments of a command, in the same way for all commands: `--help` prints the usage, and so
// does an unknown option.

import { parseArgs } from "node:util";
import { Stop } from "./project.mjs";

/**
 * The options and positionals of a command, which accepts at most `maxPositionals`. Invalid arguments
 * throw a Stop with the usage. `--help` prints the usage and exits.
 */
export function argumentsOf(usage, options, { maxPositionals = 0 } = {}) {
  const all = { ...options, help: { type: "boolean", short: "h" } };
  let parsed;
  try {
    parsed = parseArgs({ options: all, allowPositionals: maxPositionals > 0 });
  } catch (error) {
    throw new Stop(`${error.message}\n\n${usage}`);
  }
  if (parsed.values.help) {
    console.log(usage);
    process.exit(0);
  }
  if (parsed.positionals.length > maxPositionals) throw new Stop(usage);
  return parsed;
}

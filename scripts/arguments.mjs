// The arguments of a command, read the same way by all of them: an option that is unknown, or `--help`,
// is answered with how the command is used.

import { parseArgs } from "node:util";
import { Stop } from "./project.mjs";

/**
 * The options and positionals that a command was given. `most` is the number of positionals that it
 * takes at most. Rejects with the usage where that was not kept; prints it and ends for `--help`.
 */
export function argumentsOf(usage, options, { most = 0 } = {}) {
  const all = { ...options, help: { type: "boolean", short: "h" } };
  let parsed;
  try {
    parsed = parseArgs({ options: all, allowPositionals: most > 0 });
  } catch (error) {
    throw new Stop(`${error.message}\n\n${usage}`);
  }
  if (parsed.values.help) {
    console.log(usage);
    process.exit(0);
  }
  if (parsed.positionals.length > most) throw new Stop(usage);
  return parsed;
}

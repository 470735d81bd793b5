// The program `kombo-edge`: its commands, each declared in a file of its own, and one help for them. What
// only developers of this project need, such as tests and builds, is not part of it.

import { Command } from "commander";
import { given, inHouseStyle, parserOf } from "./arguments.mjs";
import { inProject, isPackaged } from "./project.mjs";
import { readFileSync } from "node:fs";
import { command as ask } from "./ask.mjs";
import { command as assign } from "./assign.mjs";
import { command as close } from "./close.mjs";
import { command as doctor } from "./doctor.mjs";
import { command as exportAll } from "./export.mjs";
import { command as importAll } from "./import.mjs";
import { command as mapping } from "./mapping.mjs";
import { command as mute } from "./mute.mjs";
import { command as rebuild } from "./rebuild.mjs";
import { command as send } from "./send.mjs";
import { command as setup } from "./deploy.mjs";
import { command as start } from "./start.mjs";
import { command as verify } from "./verify.mjs";

/** The commands, in the order in which a new user needs them. */
export const commands = [
  ...[start, send, mapping, setup, doctor],
  ...[mute, close, assign, ask, importAll, exportAll, rebuild, verify],
];

const itself = {
  name: "kombo-edge",
  program: isPackaged ? "npx kombo-edge" : "node bin/kombo-edge.mjs",
  operands: ["<command>"],
  options: {},
};

/** The exit code of these arguments if something fails. */
export const failureOf = ([name]) => commands.find((one) => one.name === name)?.failure ?? 1;

/** Runs the command that the arguments name. Rejects with a Stop if it fails. */
export async function runProgram(args) {
  const program = inHouseStyle(new Command(itself.name), itself)
    .description(
      "kombo-edge between Kombo and your team: runs it on this machine, deploys it, and operates it.",
    )
    .version(versionOf(), "--version", "show the version")
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText("after", "\nEach command answers --help.");
  for (const command of commands) program.addCommand(await subcommand(command));
  await program.parseAsync(args.length > 0 ? args : ["--help"], { from: "user" });
}

async function subcommand(command) {
  const parser = await parserOf(command);
  return parser.summary(summaryOf(command)).action(() => command.run(given(command, parser)));
}

/** The first sentence of what a command does, in the form of an item. */
const summaryOf = ({ about }) => about.match(/^[^.:]+/)[0];

const versionOf = () => JSON.parse(readFileSync(inProject("package.json"), "utf8")).version;

// The arguments of a command, which all commands declare, parse and explain in the same way. `--help`
// prints the help. An invalid argument is named in the error.
//
// A command is declared as
// - `name`: that of its script in package.json, or `program`, if it has none there;
// - `forms`: the ways to call it, without `[options]`; default: without arguments;
// - `about`: what it does;
// - `operands`: its arguments without a name: `<one>` is required, `[one]` optional, and `[one…]` may be
//   repeated;
// - `options`: by name, each with `about` and, unless it is a switch, `value`: what it takes; further
//   `default` and `multiple`, as in parseArgs;
// - `notes`: what follows the list of options.

// As a namespace, because a Node that is too old may not export parseArgs.
import * as util from "node:util";
import { Stop } from "./project.mjs";

const WIDTH = 100;
const HELP = { about: "show this text" };

/** The options and the operands of a command. Throws a Stop if one is invalid; `--help` exits. */
export function argumentsOf(command) {
  const { operands = [] } = command;
  const { values, positionals } = parsed(command);
  if (values.help) {
    console.log(helpOf(command));
    process.exit(0);
  }
  const missing = operands.find((one, at) => one.startsWith("<") && !positionals[at]);
  if (missing) throw badArgument(command, `${missing} is missing.`);
  const isRepeated = operands.at(-1)?.endsWith("…]");
  const surplus = positionals[operands.length];
  if (surplus !== undefined && !isRepeated)
    throw badArgument(command, `Unexpected argument "${surplus}".`);
  return { values, positionals };
}

/** A Stop that says which argument of a command is wrong. */
export const badArgument = (command, problem) =>
  new Stop(`${problem}\n\`${called(command, "--help")}\` explains the arguments.`);

/** How a command is called with these arguments. */
const called = ({ name, program }, args) =>
  program ? `${program} ${args}`.trim() : `npm run ${name}${args && ` -- ${args}`}`;

function parsed(command) {
  const options = { help: { type: "boolean", short: "h" } };
  for (const [name, { value, ...option }] of Object.entries(command.options ?? {})) {
    const { default: preset, multiple } = option;
    const type = value === undefined ? "boolean" : "string";
    options[name] = {
      type,
      ...(preset !== undefined && { default: preset }),
      ...(multiple && { multiple }),
    };
  }
  try {
    return util.parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw badArgument(command, problemIn(error));
  }
}

function problemIn({ code, message }) {
  const [, given] = message.match(/'([^']+)'/) ?? [];
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") return `Unknown option ${given}.`;
  if (code !== "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") return message;
  const [, name] = given.match(/(--[\w-]+)/) ?? [, given];
  return message.includes("does not take")
    ? `${name} takes no value.`
    : `${name} needs a value; one that begins with a hyphen is given as ${name}=<value>.`;
}

/** The help of a command. */
export function helpOf(command) {
  const { forms, about, options = {}, operands = [], notes } = command;
  const hasOptions = Object.keys(options).length > 0;
  const usage = (forms ?? [operands.join(" ")]).map((form) => {
    const args = [form, hasOptions && "[options]"].filter(Boolean).join(" ");
    return called(command, args);
  });
  const rows = Object.entries({ ...options, help: HELP }).map(([name, option]) => [
    `--${name}${option.value === undefined ? "" : ` <${option.value}>`}`,
    option.about,
  ]);
  const indent = Math.max(...rows.map(([left]) => left.length)) + 4;
  const list = rows.map(([left, about]) => `  ${left}`.padEnd(indent) + wrapped(about, indent));
  return [
    `Usage: ${usage.join("\n       ")}`,
    wrapped(about),
    `Options:\n${list.join("\n")}`,
    ...(notes ? [wrapped(notes)] : []),
  ].join("\n\n");
}

/** A text in lines of limited width, all but the first one indented. Its own line breaks stay. */
function wrapped(text, indent = 0) {
  const lines = text.split("\n").flatMap((line) => {
    // A line that is indented, such as in a list, is not filled.
    if (line.startsWith(" ")) return [line];
    const filled = [""];
    for (const word of line.split(" ")) {
      const last = filled.at(-1);
      if (last && indent + last.length + 1 + word.length > WIDTH) filled.push(word);
      else filled[filled.length - 1] = last ? `${last} ${word}` : word;
    }
    return filled;
  });
  return lines.join(`\n${" ".repeat(indent)}`);
}

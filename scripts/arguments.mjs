// The arguments of a command, which all commands declare, parse and explain in the same way, with
// `commander`. `--help` prints the help. An invalid argument is named in the error.
//
// A command is declared as
// - `name`: that of its script in package.json, or `program`, if it has none there;
// - `forms`: the ways to call it, without `[options]`; default: without arguments;
// - `about`: what it does;
// - `operands`: its arguments without a name: `<one>` is required, `[one]` optional, and `[one…]` may be
//   repeated;
// - `options`: by name, each with `about` and, unless it is a switch, `value`: what it takes; further
//   `default`, and `multiple` if it may be repeated;
// - `notes`: what follows the list of options.

import { called } from "./called.mjs";
import { installPackages } from "./packages.mjs";
import { Stop } from "./project.mjs";

const WIDTH = 100;

/** The options and the operands of a command. Throws a Stop if one is invalid; `--help` exits. */
export async function argumentsOf(command) {
  const parser = await parserOf(command);
  parser.parse(process.argv.slice(2), { from: "user" });
  return given(command, parser);
}

/** A Stop that says which argument of a command is wrong. */
export const badArgument = (command, problem) =>
  new Stop(`${problem}\n\`${calledWith(command, "--help")}\` explains the arguments.`);

/** How a command is called with these arguments. */
const calledWith = ({ name, program }, args) =>
  program === undefined ? called(name, args) : `${program} ${args}`.trim();

/** The parser of a command, as an object of `commander`. It throws a Stop if an argument is invalid. */
export async function parserOf(command) {
  // Not at the top: in a fresh clone it is not installed yet.
  await installPackages();
  const { Argument, Command, Option } = await import("commander");
  const { about, notes, operands = [], options = {} } = command;
  const parser = inHouseStyle(new Command(command.name), command).description(about);
  for (const operand of operands) parser.addArgument(new Argument(operand.replace("…]", "...]")));
  for (const [name, option] of Object.entries(options)) {
    const flags = option.value === undefined ? `--${name}` : `--${name} <${option.value}>`;
    const added = new Option(flags, option.about);
    if (option.multiple) added.argParser((one, before = []) => [...before, one]);
    added.defaultValue = option.default;
    parser.addOption(added);
  }
  if (notes) parser.addHelpText("after", ({ command: it }) => `\n${wrapped(it, notes)}`);
  return parser;
}

/** Makes a parser print its help, and report errors, as every command does. */
export function inHouseStyle(parser, command) {
  return parser
    .helpOption("-h, --help", "show this text")
    .configureHelp({
      helpWidth: WIDTH,
      commandUsage: () => usageOf(command),
      // Without the short form, which only the help itself has, and without the defaults, which are in
      // the texts.
      optionTerm: ({ flags }) => flags.replace("-h, ", ""),
      optionDescription: ({ description }) => description,
      subcommandTerm: (subcommand) => subcommand.name(),
    })
    .configureOutput({ outputError: () => {} })
    .exitOverride((error) => {
      if (error.exitCode === 0) process.exit(0);
      throw badArgument(command, problemIn(error, parser));
    });
}

function usageOf(command) {
  const { forms, options = {}, operands = [] } = command;
  const hasOptions = Object.keys(options).length > 0;
  const usage = (forms ?? [operands.join(" ")]).map((form) =>
    calledWith(command, [form, hasOptions && "[options]"].filter(Boolean).join(" ")),
  );
  return usage.join("\n       ");
}

const wrapped = (parser, text) => parser.createHelp().boxWrap(text, WIDTH);

/** What a parser found: `{ values, positionals }`, by the names in the declaration. */
export function given({ options = {} }, parser) {
  const found = parser.opts();
  const values = Object.keys(options).flatMap((name) => {
    const option = parser.options.find(({ long }) => long === `--${name}`);
    const value = found[option.attributeName()];
    // Commander keeps a switch such as --no-alert as the opposite of `alert`.
    const shown = option.negate ? value === false || undefined : value;
    return shown === undefined ? [] : [[name, shown]];
  });
  return { values: Object.fromEntries(values), positionals: parser.args };
}

/** An error of commander in our words. */
function problemIn({ code, message }, parser) {
  const [, named = ""] = message.match(/'([^']+)'/) ?? [];
  const [, meant] = message.match(/Did you mean (?:one of )?([^?]+)\?/) ?? [];
  const hint = meant ? ` Did you mean ${meant}?` : "";
  const [option] = named.match(/--[\w-]+/) ?? [named];
  const problems = {
    "commander.unknownOption": () =>
      parser.options.some(({ long }) => long === option)
        ? `${option} takes no value.`
        : `Unknown option ${option}.${hint}`,
    "commander.optionMissingArgument": () => `${option} needs a value.`,
    "commander.missingArgument": () => `<${named}> is missing.`,
    "commander.excessArguments": () =>
      `Unexpected argument "${parser.args[parser.registeredArguments.length]}".`,
    "commander.unknownCommand": () => `There is no command "${named}".${hint}`,
  };
  return problems[code]?.() ?? message;
}

// Mutant schemata: puts all mutants into one build. Each function gets a body for each of its mutants,
// and an environment variable selects the active one. cargo-mutants itself would make a build for each
// mutant. Functions that can't have several bodies are left out: const functions, and those that return
// `impl`.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The variable with the number of the active mutant. */
export const VARIABLE = "KOMBO_EDGE_MUTANT";

const SWITCH = `//! Which mutant is active.
use std::sync::OnceLock;
pub(crate) fn active() -> usize {
    static NUMBER: OnceLock<usize> = OnceLock::new();
    *NUMBER.get_or_init(|| {
        std::env::var("${VARIABLE}").ok().and_then(|it| it.parse().ok()).unwrap_or(usize::MAX)
    })
}
`;

/** A function from a line and a column, which begin at 1, to an offset in a text. */
function offsetsIn(text) {
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  // Columns count characters, and strings in JavaScript count UTF-16 code units.
  return ({ line, column }) => {
    const start = lines[line - 1];
    const before = [...text.slice(start, lines[line] ?? text.length)].slice(0, column - 1);
    return start + before.join("").length;
  };
}

/** Where the body of a function begins: after the first brace outside of its parameters. */
function bodyIn(text, start, end) {
  const named = text.slice(start, end).match(/^\s*(?:pub(?:\([^)]*\))? )?(const )?fn /m);
  if (!named || named[1]) return undefined;
  let depth = 0;
  for (let at = start + named.index + named[0].length; at < end; at += 1) {
    if ("([".includes(text[at])) depth += 1;
    if (")]".includes(text[at])) depth -= 1;
    if (text[at] === "{" && depth === 0) return at + 1;
  }
  return undefined;
}

/**
 * The mutants of a file by function, `[{ open, close, mutants }]`, and those that need a separate build.
 */
function functionsOf(text, mutants) {
  const offset = offsetsIn(text);
  const functions = new Map();
  const separate = [];
  for (const mutant of mutants) {
    const { span, return_type: returns } = mutant.function ?? {};
    const open = span && bodyIn(text, offset(span.start), offset(span.end));
    if (open === undefined || /\bimpl\b/.test(returns)) {
      separate.push(mutant);
      continue;
    }
    const close = offset(span.end) - 1;
    const [from, to] = [offset(mutant.span.start), offset(mutant.span.end)];
    const body = text.slice(open, from) + mutant.replacement + text.slice(to, close);
    if (!functions.has(open)) functions.set(open, { open, close, mutants: [] });
    functions.get(open).mutants.push({ mutant, body });
  }
  return {
    functions: [...functions.values()].sort((one, other) => one.open - other.open),
    separate,
  };
}

const linesIn = (text) => text.split("\n").length - 1;

/** The text with the mutants, and whose each line is: `[{ first, last, mutant | all }]`. */
function withMutants(text, functions) {
  let [result, at] = ["", 0];
  const places = [];
  const write = (more, owner) => {
    const first = linesIn(result) + 1;
    result += more;
    if (owner) places.push({ first, last: linesIn(result), ...owner });
  };
  for (const { open, close, mutants } of functions) {
    const all = mutants.map(({ mutant }) => mutant);
    write(text.slice(at, open));
    write("\nmatch crate::mutant::active() {\n", { all });
    for (const { mutant, body } of mutants) write(`${mutant.number} => {${body}}\n`, { mutant });
    write(`_ => {${text.slice(open, close)}}\n}\n`, { all });
    at = close;
  }
  return { text: result + text.slice(at), places };
}

/**
 * Writes all mutants into a copy of the project. Returns those that need a separate build, and a function
 * from a file and a line of the copy to what is there: a `mutant`, or `all` of a function.
 */
export function insert(tree, sources, mutants) {
  const separate = [];
  const placesIn = new Map();
  for (const [file, text] of sources) {
    const here = mutants.filter((mutant) => mutant.file === file);
    const found = functionsOf(text, here);
    separate.push(...found.separate);
    const { text: changed, places } = withMutants(text, found.functions);
    placesIn.set(file, places);
    writeFileSync(join(tree, file), changed);
  }
  writeFileSync(join(tree, "src", "mutant.rs"), SWITCH);
  const library = join(tree, "src", "lib.rs");
  const root = readFileSync(library, "utf8");
  if (!root.includes("mod mutant;")) writeFileSync(library, `${root}\nmod mutant;\n`);
  const at = (file, line) =>
    placesIn.get(file)?.find(({ first, last }) => first <= line && line <= last);
  return { separate, at };
}

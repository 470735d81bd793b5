// Plants all mutants at once: each function is given one body for each of its mutants beside its own,
// and takes the one that the environment names. So one build is enough for all of them, where
// cargo-mutants alone would build for each. Left out: a function whose mutants can't stand beside each
// other, because it is const or hides the type that it returns.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The variable that names the mutant that is alive, by its number. */
export const VARIABLE = "KOMBO_EDGE_MUTANT";

const SWITCH = `//! Which mutant is alive.
use std::sync::OnceLock;
pub(crate) fn alive() -> usize {
    static NUMBER: OnceLock<usize> = OnceLock::new();
    *NUMBER.get_or_init(|| {
        std::env::var("${VARIABLE}").ok().and_then(|it| it.parse().ok()).unwrap_or(usize::MAX)
    })
}
`;

/** Where each line of a text begins; lines and columns of the list begin at 1. */
function offsetsIn(text) {
  const lines = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.push(at + 1);
  // A column counts characters, and a string of JavaScript counts in units of UTF-16.
  return ({ line, column }) => {
    const start = lines[line - 1];
    const before = [...text.slice(start, lines[line] ?? text.length)].slice(0, column - 1);
    return start + before.join("").length;
  };
}

/** Where the body of a function begins: the first brace outside of its parameters. */
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

/** The mutants of one file by function: `[{ open, close, mutants }]`, and those that can't be planted. */
function functionsOf(text, mutants) {
  const offset = offsetsIn(text);
  const functions = new Map();
  const alone = [];
  for (const mutant of mutants) {
    const { span, return_type: returns } = mutant.function ?? {};
    const open = span && bodyIn(text, offset(span.start), offset(span.end));
    if (open === undefined || /\bimpl\b/.test(returns)) {
      alone.push(mutant);
      continue;
    }
    const close = offset(span.end) - 1;
    const [from, to] = [offset(mutant.span.start), offset(mutant.span.end)];
    const body = text.slice(open, from) + mutant.replacement + text.slice(to, close);
    if (!functions.has(open)) functions.set(open, { open, close, mutants: [] });
    functions.get(open).mutants.push({ mutant, body });
  }
  return { functions: [...functions.values()].sort((one, other) => one.open - other.open), alone };
}

const linesIn = (text) => text.split("\n").length - 1;

/** The text with its mutants in it, and which lines are whose: `[{ first, last, mutant | all }]`. */
function planted(text, functions) {
  let [result, at] = ["", 0];
  const places = [];
  const write = (more, whose) => {
    const first = linesIn(result) + 1;
    result += more;
    if (whose) places.push({ first, last: linesIn(result), ...whose });
  };
  for (const { open, close, mutants } of functions) {
    const all = mutants.map(({ mutant }) => mutant);
    write(text.slice(at, open));
    write("\nmatch crate::mutant::alive() {\n", { all });
    for (const { mutant, body } of mutants) write(`${mutant.number} => {${body}}\n`, { mutant });
    write(`_ => {${text.slice(open, close)}}\n}\n`, { all });
    at = close;
  }
  return { text: result + text.slice(at), places };
}

/**
 * Writes all mutants into a copy of the project. Gives back those that have to be tried by themselves,
 * and a function from a file and a line of the copy to what stands there: a `mutant`, or `all` of one
 * function.
 */
export function plant(tree, sources, mutants) {
  const alone = [];
  const placesIn = new Map();
  for (const [file, text] of sources) {
    const here = mutants.filter((mutant) => mutant.file === file);
    const found = functionsOf(text, here);
    alone.push(...found.alone);
    const { text: grown, places } = planted(text, found.functions);
    placesIn.set(file, places);
    writeFileSync(join(tree, file), grown);
  }
  writeFileSync(join(tree, "src", "mutant.rs"), SWITCH);
  const library = join(tree, "src", "lib.rs");
  const root = readFileSync(library, "utf8");
  if (!root.includes("mod mutant;")) writeFileSync(library, `${root}\nmod mutant;\n`);
  const at = (file, line) =>
    placesIn.get(file)?.find(({ first, last }) => first <= line && line <= last);
  return { alone, at };
}

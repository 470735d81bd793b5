// The corpus of a fuzz target: of all inputs that were found, the few that together reach the most.
// A corpus that reaches all would be thousands of files, most of them for one edge each; the fuzzer
// finds those again in seconds.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

// So that all corpora together stay under two hundred files and 300 kB.
const MAX_INPUTS = 28;
const MAX_BYTES = 42_000;

/**
 * What each input reaches, from the control file of libFuzzer's set-cover merge: how many inputs there
 * are, how many of them were in the corpus before, their paths, then of each its size and its features.
 */
function inputsOf(control) {
  const lines = control.split("\n");
  const paths = lines.slice(2, 2 + Number(lines[0]));
  const inputs = paths.map((path) => ({ path, size: 0, features: [] }));
  for (const line of lines.slice(2 + paths.length)) {
    const [what, index, ...rest] = line.split(" ");
    if (what === "STARTED") inputs[index].size = Number(rest[0]);
    if (what === "FT") inputs[index].features = rest;
  }
  return inputs;
}

/** The inputs that reach the most: each next one is that which adds most to those before it. */
function best(inputs) {
  const reached = new Set();
  const chosen = [];
  let bytes = 0;
  const adds = ({ features }) => features.filter((one) => !reached.has(one)).length;
  while (chosen.length < MAX_INPUTS) {
    const fitting = inputs.filter(({ size }) => bytes + size <= MAX_BYTES);
    const gains = fitting.map((input) => ({ input, gain: adds(input) }));
    const next = gains.reduce((most, one) => (one.gain > most.gain ? one : most), { gain: 0 });
    if (next.gain === 0) break;
    chosen.push(next.input);
    bytes += next.input.size;
    for (const one of next.input.features) reached.add(one);
  }
  return chosen;
}

/** Makes a corpus of the best of the inputs that a control file names; some may be in it already. */
export function keepBest(controlFile, corpus) {
  const chosen = best(inputsOf(readFileSync(controlFile, "utf8")));
  const contents = chosen.map(({ path }) => [basename(path), readFileSync(path)]);
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(corpus, { recursive: true });
  for (const [name, content] of contents) writeFileSync(join(corpus, name), content);
  return contents.length;
}

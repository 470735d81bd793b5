// The corpus of a fuzz target: of all inputs that were found, the few that together cover the most. Full
// coverage would take thousands of files, most of them for a single edge, which the fuzzer finds again in
// seconds.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

// These keep all corpora together under two hundred files and 300 kB.
const MAX_INPUTS = 28;
const MAX_BYTES = 42_000;

/**
 * What each input covers, from the control file of libFuzzer's set-cover merge. The file has the number
 * of inputs, how many of them were in the corpus before, their paths, and then the size and features of
 * each.
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

/** The inputs that cover the most: each one is that which adds the most to those before it. */
function best(inputs) {
  const covered = new Set();
  const chosen = [];
  let bytes = 0;
  const adds = ({ features }) => features.filter((one) => !covered.has(one)).length;
  while (chosen.length < MAX_INPUTS) {
    const fitting = inputs.filter(({ size }) => bytes + size <= MAX_BYTES);
    const gains = fitting.map((input) => ({ input, gain: adds(input) }));
    const next = gains.reduce((most, one) => (one.gain > most.gain ? one : most), { gain: 0 });
    if (next.gain === 0) break;
    chosen.push(next.input);
    bytes += next.input.size;
    for (const one of next.input.features) covered.add(one);
  }
  return chosen;
}

/** Replaces a corpus with the best inputs in a control file. Some may already be in the corpus. */
export function keepBest(controlFile, corpus) {
  const chosen = best(inputsOf(readFileSync(controlFile, "utf8")));
  const contents = chosen.map(({ path }) => [basename(path), readFileSync(path)]);
  rmSync(corpus, { recursive: true, force: true });
  mkdirSync(corpus, { recursive: true });
  for (const [name, content] of contents) writeFileSync(join(corpus, name), content);
  return contents.length;
}

// Builds the copy of the project with the mutants. Mutants that do not compile are removed until the rest
// compiles.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { projectEnvironment, Stop } from "../project.mjs";
import { insert } from "./schemata.mjs";

/** Runs Cargo. Resolves to its messages as objects, and its lines on stderr. */
function cargo(tree, args) {
  const env = projectEnvironment({ CARGO_ENCODED_RUSTFLAGS: "-Awarnings" });
  const child = spawn("cargo", [...args, "--message-format=json"], { cwd: tree, env });
  const [messages, lines] = [[], []];
  createInterface({ input: child.stdout }).on("line", (line) => messages.push(JSON.parse(line)));
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Stop(`cargo did not start: ${error.message}`)));
    child.on("close", (code) => resolve({ ok: code === 0, messages, lines }));
  });
}

/** The place of an error in the copy, even if the line comes from a macro. */
function placeOf(span) {
  let place = span;
  while (place.expansion && !place.file_name.startsWith("src/")) place = place.expansion.span;
  return { file: place.file_name, line: place.line_start };
}

/** The mutants that an error is about: single ones, or all of a function. */
function mutantsIn({ spans, rendered }, at) {
  const places = spans.filter(({ is_primary: primary }) => primary).map(placeOf);
  const found = places.map(({ file, line }) => at(file, line)).filter(Boolean);
  if (spans.length > 0 && found.length === 0)
    throw new Stop(`The copy does not compile:\n${rendered}`);
  return found;
}

/**
 * Inserts the mutants and removes those that do not compile. `onRound` gets the number removed so far.
 */
export async function insertMutants(tree, sources, mutants, onRound) {
  const rejected = new Set();
  const conflicting = new Set();
  for (;;) {
    const candidates = mutants.filter(
      (mutant) => !rejected.has(mutant) && !conflicting.has(mutant),
    );
    const { separate, at } = insert(tree, sources, candidates);
    const { ok, messages } = await cargo(tree, ["check", "--locked", "--lib", "-p", "kombo-edge"]);
    if (ok) {
      const active = candidates.filter((mutant) => !separate.includes(mutant));
      return { active, rejected: [...rejected], separate: [...separate, ...conflicting] };
    }
    const before = rejected.size + conflicting.size;
    for (const { reason, message } of messages) {
      if (reason !== "compiler-message" || message.level !== "error") continue;
      for (const { mutant, all = [] } of mutantsIn(message, at)) {
        if (mutant) rejected.add(mutant);
        // The error is in the function itself, so its mutants can't be in one build.
        for (const one of all) conflicting.add(one);
      }
    }
    if (rejected.size + conflicting.size === before) throw new Stop("The copy does not compile.");
    onRound(rejected.size);
  }
}

/**
 * Builds the tests. Returns `{ name, path, folder, slow }` of each program, first the one that catches
 * the most mutants. The simulation is the slow one.
 */
export async function buildTests(tree) {
  const which = ["--locked", "--profile", "mutants", "--workspace", "--lib", "--tests"];
  const { ok, messages, lines } = await cargo(tree, ["test", "--no-run", ...which]);
  if (!ok) throw new Stop(`The tests do not build:\n${lines.slice(-20).join("\n")}`);
  const programs = messages
    .filter(({ executable, profile }) => executable && profile?.test)
    .map(({ target, executable, manifest_path: manifest }) => ({
      name: target.name,
      path: executable,
      folder: manifest.slice(0, -"/Cargo.toml".length),
      slow: manifest.endsWith("/simulation/Cargo.toml"),
    }));
  return programs.sort((one, other) => rank(one) - rank(other));
}

const rank = ({ name, slow }) => (slow ? 2 : name === "machines" ? 0 : 1);

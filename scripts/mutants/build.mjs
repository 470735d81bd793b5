// Builds the copy in which the mutants stand. A mutant that the compiler refuses is taken out, until
// what is left compiles.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { projectEnvironment, Stop } from "../project.mjs";
import { plant } from "./schemata.mjs";

/** What Cargo reports, as objects; with what it says to people where it failed. */
function cargo(tree, args) {
  const env = projectEnvironment({ CARGO_ENCODED_RUSTFLAGS: "-Awarnings" });
  const child = spawn("cargo", [...args, "--message-format=json"], { cwd: tree, env });
  const [reports, said] = [[], []];
  createInterface({ input: child.stdout }).on("line", (line) => reports.push(JSON.parse(line)));
  createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(new Stop(`cargo did not start: ${error.message}`)));
    child.on("close", (code) => resolve({ ok: code === 0, reports, said }));
  });
}

/** Where an error stands in the copy itself, even if a macro wrote the line. */
function placeOf(span) {
  let place = span;
  while (place.expansion && !place.file_name.startsWith("src/")) place = place.expansion.span;
  return { file: place.file_name, line: place.line_start };
}

/** What an error is about: mutants, or all those of a function. */
function blamed({ spans, rendered }, at) {
  const places = spans.filter(({ is_primary: primary }) => primary).map(placeOf);
  const found = places.map(({ file, line }) => at(file, line)).filter(Boolean);
  if (spans.length > 0 && found.length === 0) throw new Stop(`The copy has a fault:\n${rendered}`);
  return found;
}

/** Plants and checks until the compiler takes all that is left. `onRound` is told how many are refused. */
export async function plantWhatCompiles(tree, sources, mutants, onRound) {
  const refused = new Set();
  const together = new Set();
  for (;;) {
    const planted = mutants.filter((mutant) => !refused.has(mutant) && !together.has(mutant));
    const { alone, at } = plant(tree, sources, planted);
    const { ok, reports } = await cargo(tree, ["check", "--locked", "--lib", "-p", "kombo-edge"]);
    if (ok) {
      const standing = planted.filter((mutant) => !alone.includes(mutant));
      return { standing, refused: [...refused], alone: [...alone, ...together] };
    }
    const before = refused.size + together.size;
    for (const { reason, message } of reports) {
      if (reason !== "compiler-message" || message.level !== "error") continue;
      for (const { mutant, all = [] } of blamed(message, at)) {
        if (mutant) refused.add(mutant);
        // The error is in the function itself, so its mutants can't stand beside each other.
        for (const one of all) together.add(one);
      }
    }
    if (refused.size + together.size === before) throw new Stop("The copy does not compile.");
    onRound(refused.size);
  }
}

/**
 * Builds the tests; gives back `{ name, path, folder, slow }` of each program, the one that notices most
 * first. The simulation takes many seconds.
 */
export async function buildTests(tree) {
  const which = ["--locked", "--profile", "mutants", "--workspace", "--lib", "--tests"];
  const { ok, reports, said } = await cargo(tree, ["test", "--no-run", ...which]);
  if (!ok) throw new Stop(`The tests do not build:\n${said.slice(-20).join("\n")}`);
  const programs = reports
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

// `npm run import`: takes a table of integrations (CSV), or the copy that `npm run export` made (NDJSON),
// into a deployment. It may be repeated, tells nobody in Slack, revives nothing that is gone, and moves
// nothing from one customer to another: what it could not take is listed.

import { readFileSync } from "node:fs";
import { apiOptions, apiUsage, caller } from "./api.mjs";
import { argumentsOf } from "./arguments.mjs";
import { copiesIn, rowsIn } from "./import-files.mjs";
import { completed } from "./kombo.mjs";
import { forEach } from "./batch.mjs";
import { main, Stop } from "./project.mjs";

const FREE_WRITES_A_DAY = 1_000;

const usage = `Usage: npm run import -- <file.csv or file.ndjson> [options]

A table needs the columns origin_id and integration_id, and may have tool, category, organization and
connected_at. Where KOMBO_API_KEY is set, what is missing is asked of Kombo.

  --dry-run        says what would be done
${apiUsage}`;

/** What is to be imported, each with the name that a report uses, the call, and its KV writes. */
function itemsIn(file) {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".csv")) return rowsIn(text);
  if (file.endsWith(".ndjson")) return copiesIn(text);
  throw new Stop(`${file} is neither a .csv nor a .ndjson file.`);
}

function announce(items, keys) {
  console.log(`${items.length} to import; Workers KV needs at least ${keys.size} writes.`);
  if (keys.size > FREE_WRITES_A_DAY) {
    console.log(
      `The Free plan has ${FREE_WRITES_A_DAY} writes a day: what is over waits, and goes on by itself.`,
    );
  }
}

await main(async () => {
  const options = { ...apiOptions, "dry-run": { type: "boolean" } };
  const { values, positionals } = argumentsOf(usage, options, { maxPositionals: 1 });
  const [file] = positionals;
  if (file === undefined) throw new Stop(usage);

  const { rounds, problems } = itemsIn(file);
  const items = rounds.flat();
  announce(items, new Set(items.flatMap(({ keys }) => keys)));
  for (const problem of problems) console.error(problem);
  if (values["dry-run"]) {
    if (problems.length > 0) throw new Stop(`${problems.length} could not be read.`);
    return;
  }
  const call = caller(values);
  const failed = [];
  // One round after the other: customers before integrations, so that no incident seems new.
  for (const round of rounds) {
    const done = async ({ method, path, body }) => call(method, path, await completed(body, path));
    failed.push(...(await forEach(round, "imported", done)));
  }
  for (const { item, error } of failed) console.error(`${item.name}: ${error.message}`);
  const missed = failed.length + problems.length;
  console.log(`${items.length - failed.length} imported.`);
  if (missed > 0) throw new Stop(`${missed} could not be imported.`);
});

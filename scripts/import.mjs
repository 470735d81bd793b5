// `npm run import`: imports a table of integrations (CSV), or a backup from `npm run export` (NDJSON),
// into a deployment. It may be repeated. It sends nothing to Slack, restores nothing that was deleted,
// and moves nothing from one customer to another. It lists what it could not import.

import { readFileSync } from "node:fs";
import { apiOptions, apiUsage, caller } from "./api.mjs";
import { argumentsOf } from "./arguments.mjs";
import { objectsIn, rowsIn } from "./import-files.mjs";
import { completed } from "./kombo.mjs";
import { forEach } from "./batch.mjs";
import { main, Stop } from "./project.mjs";

const FREE_WRITES_A_DAY = 1_000;

const usage = `Usage: npm run import -- <file.csv or file.ndjson> [options]

A table must have the columns origin_id and integration_id, and may have tool, category, organization and
connected_at. If KOMBO_API_KEY is set, missing values come from Kombo's API.

  --dry-run        show what would be imported
${apiUsage}`;

/** The items to import, each with its name in the report, its request, and the KV keys that it writes. */
function itemsIn(file) {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".csv")) return rowsIn(text);
  if (file.endsWith(".ndjson")) return objectsIn(text);
  throw new Stop(`${file} is neither a .csv nor a .ndjson file.`);
}

function announce(items, keys) {
  console.log(`${items.length} to import; Workers KV needs at least ${keys.size} writes.`);
  if (keys.size > FREE_WRITES_A_DAY) {
    console.log(
      `The Free plan allows ${FREE_WRITES_A_DAY} writes a day. Further writes wait for the next day automatically.`,
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
    if (problems.length > 0) throw new Stop(`${problems.length} rows or lines are invalid.`);
    return;
  }
  const call = caller(values);
  const failed = [];
  // Customers before integrations, so that no incident seems new.
  for (const round of rounds) {
    const importOne = async ({ method, path, body }) =>
      call(method, path, await completed(body, path));
    failed.push(...(await forEach(round, "imported", importOne)));
  }
  for (const { item, error } of failed) console.error(`${item.name}: ${error.message}`);
  const missed = failed.length + problems.length;
  console.log(`${items.length - failed.length} imported.`);
  if (missed > 0) throw new Stop(`${missed} could not be imported.`);
});

// `npm run import`: imports a table of integrations (CSV), or a backup from `npm run export` (NDJSON),
// into a deployment. It may be repeated. It sends nothing to Slack, restores nothing that was deleted,
// and moves nothing from one customer to another. It lists what it could not import.

import { apiOptions, caller } from "./api.mjs";
import { called } from "./called.mjs";
import { forEach } from "./batch.mjs";
import { readText } from "./files.mjs";
import { completed } from "./kombo.mjs";
import { Stop } from "./project.mjs";

const FREE_WRITES_A_DAY = 1_000;

export const command = {
  name: "import",
  operands: ["<file.csv or file.ndjson>"],
  about: `Imports a table of integrations, or a backup from ${called("export")}. It may be repeated.`,
  options: {
    "dry-run": { about: "say what each row would do, and change nothing" },
    ...apiOptions,
  },
  notes: `A table must have the columns origin_id and integration_id, and may have tool, category (HRIS, ATS, ASSESSMENT or LMS), organization and connected_at. It is CSV in UTF-8 as spreadsheets write it, with commas, semicolons or tabs, and the columns in any order; others are ignored. If KOMBO_API_KEY is set, missing values come from Kombo's API.

A dry run can't tell whether an integration was deleted at Kombo; the import rejects those.`,
  run,
};

/** What is to be imported: the items in rounds, each with its request, and problems and warnings. */
async function contentsOf(file) {
  const text = readText(file);
  const [extension] = file.toLowerCase().match(/\.[a-z]+$/) ?? [];
  if ([".csv", ".tsv", ".txt"].includes(extension)) {
    const { rowsIn } = await import("./import/table.mjs");
    return rowsIn(text, { isCompleted: Boolean(process.env.KOMBO_API_KEY) });
  }
  if (extension !== ".ndjson") throw new Stop(`${file} is neither a .csv nor a .ndjson file.`);
  const { objectsIn } = await import("./import/backup.mjs");
  return objectsIn(text);
}

function announce(items, keys) {
  console.log(`${items.length} to import; Workers KV needs at least ${keys.size} writes.`);
  if (keys.size > FREE_WRITES_A_DAY) {
    console.log(
      `The Free plan allows ${FREE_WRITES_A_DAY} writes a day. Further writes wait for the next day automatically.`,
    );
  }
}

/** Imports everything, and returns what failed, each with its error. */
async function importAll(call, rounds) {
  const failed = [];
  for (const round of rounds) {
    const importOne = async ({ method, path, body }) =>
      call(method, path, await completed(body, path));
    failed.push(...(await forEach(round, "imported", importOne)));
  }
  return failed;
}

async function run({ values, positionals }) {
  const [file] = positionals;
  const { checkToken, rehearse } = await import("./import/rehearsal.mjs");

  const { rounds, problems, warnings } = await contentsOf(file);
  const items = rounds.flat();
  announce(items, new Set(items.flatMap(({ keys }) => keys)));
  for (const line of [...warnings, ...problems]) console.error(line);
  const call = caller(values);
  await checkToken(call);

  const isRehearsal = values["dry-run"];
  const assignments = items.filter(({ method }) => method === "PUT");
  const failed = isRehearsal
    ? await rehearse(call, assignments, completed)
    : await importAll(call, rounds);
  for (const { item, error } of failed) console.error(`${item.name}: ${error.message}`);
  const count = items.length - failed.length;
  console.log(
    isRehearsal
      ? `${count} would be imported. This was a dry run: nothing was changed.`
      : `${count} imported.`,
  );
  const missed = failed.length + problems.length;
  if (missed > 0)
    throw new Stop(`${missed} ${isRehearsal ? "would not be" : "could not be"} imported.`);
}

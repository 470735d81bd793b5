// Parses a table of integrations (CSV, as spreadsheets write it) into requests to the API. Nothing is
// sent here.

import { CsvError, parse } from "csv-parse/sync";
import { Stop } from "../project.mjs";
import { slugsOf } from "../tools.mjs";

const NEEDED = ["origin_id", "integration_id"];
const OPTIONAL = ["tool", "category", "organization", "connected_at"];
const DELIMITERS = [",", ";", "\t"];
const CATEGORIES = ["HRIS", "ATS", "ASSESSMENT", "LMS"];

// What a spreadsheet makes of a long number.
const SHORTENED = /^\d([.,]\d+)?E\+\d+$/i;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The valid rows of a table as one round of requests, the problems with the others, and warnings. A row
 * is invalid if it lacks an id, or assigns an integration to another customer than an earlier row.
 * `isCompleted` says whether Kombo will be asked for what the table lacks.
 */
export function rowsIn(text, { isCompleted }) {
  const { header, rows, ignored } = tableIn(text);
  const warnings = ignored.length > 0 ? [`Ignored columns: ${ignored.join(", ")}.`] : [];
  const lacksCategory = !header.includes("category") && !isCompleted;
  if (lacksCategory && rows.length > 0)
    warnings.push(`The table has no column category. ${WITHOUT_CATEGORY}`);

  const holders = new Map();
  const problems = [];
  const round = [];
  for (const { number, cells } of rows) {
    const row = Object.fromEntries(header.map((column, at) => [column, cells[at] ?? ""]));
    const name = `row ${number} (customer ${row.origin_id})`;
    const { problem, request } = readRow(row, cells.length - header.length, holders);
    if (problem) problems.push(`${name}: ${problem}`);
    if (!request) continue;
    if (!request.body.category && !isCompleted && !lacksCategory)
      warnings.push(`${name}: it has no category. ${WITHOUT_CATEGORY}`);
    round.push({ name, ...request });
  }
  return { rounds: [round], problems, warnings };
}

const WITHOUT_CATEGORY =
  "`current` does not show integrations without one. Add it, or set KOMBO_API_KEY.";

/** The header, with our names for the columns, and the rows with their numbers in the spreadsheet. */
function tableIn(text) {
  // The first line can tell Excel the delimiter.
  const [marker = "", given] = text.match(/^sep=(.)\r?\n/i) ?? [];
  const body = text.slice(marker.length);
  const delimiter = given ?? DELIMITERS.find((one) => hasNeeded(body, one)) ?? likely(body);
  const records = parsed(body, { delimiter }).map(({ record, info }) => ({
    number: info.records + info.empty_lines + (marker ? 1 : 0),
    cells: record,
  }));
  const [first = { cells: [] }, ...rest] = records;
  const header = first.cells.map(columnOf);
  const [missing] = NEEDED.filter((column) => !header.includes(column));
  if (missing)
    throw new Stop(
      `The table has no column ${missing}. Its first row is: ${first.cells.join(", ").slice(0, 200)}`,
    );
  const [repeated] = header.filter((column, at) => isKnown(column) && header.indexOf(column) < at);
  if (repeated) throw new Stop(`The table has the column ${repeated} twice. Remove one.`);
  return {
    header,
    rows: rest.filter(({ cells }) => cells.some((cell) => cell.trim() !== "")),
    ignored: first.cells.filter((cell) => cell.trim() !== "" && !isKnown(columnOf(cell))),
  };
}

const isKnown = (column) => [...NEEDED, ...OPTIONAL].includes(column);

/** "Origin ID" and "origin-id" are origin_id. */
const columnOf = (title) =>
  title
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_");

const headerOf = (text, delimiter) => parsed(text, { delimiter, to: 1 })[0]?.record ?? [];

function hasNeeded(text, delimiter) {
  try {
    const header = headerOf(text, delimiter).map(columnOf);
    return NEEDED.every((column) => header.includes(column));
  } catch (error) {
    // A quote may only be misplaced because another delimiter is meant.
    if (error instanceof Stop) return false;
    throw error;
  }
}

/** The delimiter of a table whose columns are not ours, for the error about them. */
const likely = (text) => {
  const [line] = text.split("\n", 1);
  const count = (delimiter) => line.split(delimiter).length;
  return [...DELIMITERS].sort((a, b) => count(b) - count(a))[0];
};

function parsed(text, options) {
  try {
    return parse(text, {
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      ...options,
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const [, line = error.lines] = error.message.match(/at line (\d+)/) ?? [];
    throw new Stop(
      error.code === "CSV_QUOTE_NOT_CLOSED"
        ? `The quote that opens in line ${line} is never closed. Close it, or write "" for a quote within a value.`
        : `Line ${line} has a misplaced quote. A value with quotes in it is written "like ""this""".`,
    );
  }
}

/** `{ problem }` or `{ request }`; neither if an earlier row says the same. */
function readRow(row, surplus, holders) {
  const problem = problemOf(row, surplus, holders);
  if (problem) return { problem };
  if (holders.has(row.integration_id)) return {};
  holders.set(row.integration_id, row.origin_id);
  return { request: assignment(row) };
}

function problemOf(row, surplus, holders) {
  if (surplus > 0)
    return `it has ${counted(surplus)} too many. Put values that contain the delimiter in quotes`;
  if (surplus < 0) return `it has ${counted(-surplus)} too few`;
  const { origin_id, integration_id, tool = "", category = "", connected_at = "" } = row;
  if (!origin_id || !integration_id) return "an id is missing";
  for (const id of [origin_id, integration_id]) {
    if (id !== id.trim()) return "an id has white space around it";
    if (SHORTENED.test(id))
      return `${id} is a number that the spreadsheet shortened: format the column as text`;
  }
  const holder = holders.get(integration_id) ?? origin_id;
  if (holder !== origin_id) return `the table also assigns this integration to customer ${holder}`;
  if (category.trim() && !categoryOf(category))
    return `unknown category "${category.trim()}": it must be ${CATEGORIES.join(", ")}, or empty`;
  if (tool.trim() && !toolOf(row))
    return `unknown tool "${tool.trim()}": write it as Kombo spells it`;
  if (connected_at.trim() && !timeOf(connected_at))
    return "connected_at is not a date-time such as 2026-11-23T18:35:00Z";
  return undefined;
}

const counted = (number) => `${number} ${number === 1 ? "value" : "values"}`;

const categoryOf = (text = "") => CATEGORIES.find((one) => one === text.trim().toUpperCase());

/** The slug of the row's tool. One that is newer than our list is known from the integration's id. */
function toolOf({ tool = "", integration_id }) {
  const text = tool.trim();
  if (integration_id.startsWith(`${text}:`)) return text;
  const slugs = slugsOf(text);
  return slugs.find((slug) => integration_id.startsWith(`${slug}:`)) ?? slugs[0];
}

/** The time in RFC 3339; without a zone, in UTC. */
function timeOf(text = "") {
  const [iso, zone] = text.trim().match(ISO) ?? [];
  if (!iso) return undefined;
  const hasTime = iso.includes(":");
  const time = new Date(hasTime && !zone ? `${iso.replace(" ", "T")}Z` : iso.replace(" ", "T"));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function assignment(row) {
  const { origin_id, integration_id, tool = "", category, organization = "", connected_at } = row;
  return {
    method: "PUT",
    path: `/v1/integrations/${encodeURIComponent(integration_id)}/customer`,
    body: {
      origin_id,
      import: true,
      ...(tool.trim() && { tool: toolOf(row) }),
      ...(categoryOf(category) && { category: categoryOf(category) }),
      ...(organization && { organization_name: organization }),
      ...(timeOf(connected_at) && { connected_at: timeOf(connected_at) }),
    },
    keys: [`integration:${integration_id}`, `customer:${origin_id}`],
  };
}

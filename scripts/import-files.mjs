// Parses the two kinds of files that can be imported into requests to the API: a table of integrations as
// CSV, and a backup of objects from `npm run export`. Nothing is sent here.

import { parse } from "csv-parse/sync";
import { Stop } from "./project.mjs";

const NEEDED = ["origin_id", "integration_id"];
const KNOWN = [...NEEDED, "tool", "category", "organization", "connected_at"];

/**
 * The valid rows of a table as one round of requests, and the problems with the others. A row is invalid
 * if it lacks an id, or assigns an integration to another customer than an earlier row.
 */
export function rowsIn(text) {
  const trimmed = (header) => header.map((column) => column.trim());
  const rows = parse(text, { columns: trimmed, bom: true, skip_empty_lines: true });
  const columns = Object.keys(rows[0] ?? {});
  for (const column of NEEDED) {
    if (rows.length > 0 && !columns.includes(column))
      throw new Stop(`The table has no column ${column}.`);
  }
  const unknown = columns.filter((column) => !KNOWN.includes(column));
  if (unknown.length > 0) throw new Stop(`The table has unknown columns: ${unknown.join(", ")}.`);

  const holders = new Map();
  const problems = [];
  const round = [];
  for (const [index, row] of rows.entries()) {
    const name = `row ${index + 2} (customer ${row.origin_id})`;
    const problem = problemOf(row, holders);
    if (problem) problems.push(`${name}: ${problem}`);
    else if (!holders.has(row.integration_id)) {
      holders.set(row.integration_id, row.origin_id);
      round.push(assignment(row, name));
    }
  }
  return { rounds: [round], problems };
}

function problemOf({ origin_id, integration_id, connected_at }, holders) {
  if (!origin_id || !integration_id) return "an id is missing";
  for (const id of [origin_id, integration_id])
    if (id !== id.trim()) return "an id has white space around it";
  const holder = holders.get(integration_id) ?? origin_id;
  if (holder !== origin_id) return `the table also assigns this integration to customer ${holder}`;
  if (connected_at && Number.isNaN(Date.parse(connected_at)))
    return "connected_at is not a date-time";
  return undefined;
}

function assignment(row, name) {
  const { origin_id, integration_id, tool, category, organization, connected_at } = row;
  return {
    name,
    method: "PUT",
    path: `/v1/integrations/${encodeURIComponent(integration_id)}/customer`,
    body: {
      origin_id,
      import: true,
      ...(tool && { tool }),
      ...(category && { category }),
      ...(organization && { organization_name: organization }),
      ...(connected_at && { connected_at: new Date(connected_at).toISOString() }),
    },
    keys: [`integration:${integration_id}`, `customer:${origin_id}`],
  };
}

/** The objects in a backup, in two rounds of requests: customers, then integrations. */
export function objectsIn(text) {
  const rounds = { customer: [], integration: [] };
  const problems = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const copy = parsedLine(line);
    if (rounds[copy?.class] === undefined) problems.push(`line ${index + 1} is not a backup`);
    else rounds[copy.class].push(restoration(copy, index + 1));
  }
  return { rounds: Object.values(rounds), problems };
}

function parsedLine(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function restoration(copy, line) {
  return {
    name: `line ${line} (${copy.class})`,
    method: "POST",
    path: "/v1/objects",
    body: copy,
    keys: keysOf(copy, line),
  };
}

/** Names for the keys that an object will write, only used to count them. */
function keysOf({ class: name, rows }, line) {
  if (name === "integration") {
    const { connected_at, deleted, removed } = rows.head.facts;
    return connected_at !== null && !deleted && !removed ? [`integration ${line}`] : [];
  }
  const kept = Object.entries(rows);
  const open = kept.filter(([key, row]) => key.startsWith("incident/") && row.open);
  const holds = kept.some(([key, row]) => key.startsWith("holding/") && row.snapshot !== null);
  return [...open.map(([key]) => `${line} ${key}`), ...(holds ? [`customer ${line}`] : [])];
}

// `node bench/operations.mjs`: prints what Cloudflare bills for each kind of event, and what a million
// events cost. tests/operations.test.mjs checks these counts; `npm run bench` compares them with those of
// the peers.

import { argumentsOf } from "../scripts/arguments.mjs";
import { isStarted, main } from "../scripts/project.mjs";
import { countsOf } from "./operations/counts.mjs";
import { average, billOf, MIX, priceOf } from "./prices.mjs";

const command = {
  program: "node bench/operations.mjs",
  about: "Counts what is billed for each kind of event, and prints what a million of them cost.",
  options: { json: { about: "print the figures as JSON" } },
};

const COLUMNS = [
  ["requests", "requests"],
  ["objectRequests", "to objects"],
  ["alarms", "alarms"],
  ["rowsRead", "read"],
  ["rowsWritten", "written"],
  ["alarmsSet", "alarms set"],
  ["kvWrites", "KV writes"],
  ["kvDeletes", "KV deletes"],
  ["outgoing", "outgoing"],
];

const dollars = (sum) => `$${sum.toFixed(2)}`;
const line = (title, cells) => title.padEnd(34) + cells.map((cell) => cell.padStart(11)).join("");

function print(counts) {
  console.log(line("", [...COLUMNS.map(([, title]) => title), "a million"]));
  const rows = { ...counts, "average of the mix": average(counts) };
  for (const [name, of] of Object.entries(rows)) {
    const cells = COLUMNS.map(([kind]) => String(Number(of[kind].toFixed(2))));
    console.log(line(name, [...cells, dollars(priceOf(of))]));
  }
  const mix = average(counts);
  console.log(
    `\nThe mix, of 100 events: ${Object.entries(MIX)
      .map(([name, share]) => `${share} ${name}`)
      .join(", ")}`,
  );
  console.log(
    `A month with a million events of the mix, on the Workers Paid plan: ${dollars(billOf(mix))}`,
  );
}

if (isStarted(import.meta.url))
  await main(async () => {
    const { values } = await argumentsOf(command);
    const counts = await countsOf();
    if (values.json) console.log(JSON.stringify({ mix: MIX, counts }, null, 2));
    else print(counts);
  });

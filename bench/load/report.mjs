// Prints the figures of a load run.

const ms = (value) => `${value.toFixed(1)} ms`;
const mib = (value) => `${value.toFixed(1)} MiB`;

const row = (title, cells) => title.padEnd(26) + cells.map((cell) => cell.padStart(12)).join("");

const HEAD = ["responses", "p50", "p90", "p99", "max"];
const timesRow = (title, { count, p50, p90, p99, max }) =>
  row(title, [String(count), ...[p50, p90, p99, max].map(ms)]);

function errorsOf({ count, first }) {
  const some = first.map((error) => `  ${error}`);
  return [`errors: ${count}`, ...some];
}

function steady(it) {
  const { start, middle, end, most, slope } = it.memory;
  const kinds = Object.entries(it.kinds).map(
    ([kind, count]) => `${kind} ${((100 * count) / it.deliveries).toFixed(1)} %`,
  );
  return [
    `${it.deliveries} deliveries in ${it.seconds.toFixed(0)} s, ${it.perSecond.toFixed(0)} a second, ` +
      `${it.processorUsEach.toFixed(0)} µs of processor time each; ${it.customers} customers`,
    kinds.join(", "),
    ...errorsOf(it.errors),
    row("", HEAD),
    timesRow("first minute", it.firstMinute),
    timesRow("last minute", it.lastMinute),
    `memory of the runtime: ${mib(start)} at the start, ${mib(middle)} in the middle, ` +
      `${mib(end)} at the end, ${mib(most)} at most; ` +
      `${slope.toFixed(2)} MiB a minute in the second half`,
    `open files: ${it.openFilesMost} at most`,
    `${it.messages} messages to Slack, ${it.waitingForSlack} alerts waiting at the end`,
  ];
}

function burst(it) {
  return [
    `${it.connections} connections at once, ${it.rounds} times`,
    ...errorsOf(it.errors),
    row("", HEAD),
    timesRow("a delivery", it),
  ];
}

function flood(it) {
  return [
    `${it.pace.valid} valid deliveries a second, without and with ${it.pace.forged} forged ones`,
    ...errorsOf(it.errors),
    row("", HEAD),
    timesRow("valid, without", it.without),
    timesRow("valid, with the flood", it.with),
    timesRow("forged, alone", it.rejected),
    `a rejected delivery takes ${it.processorUsEach.toFixed(0)} µs of the runtime's processor time`,
  ];
}

function alarms(it) {
  return [
    `${it.objects} objects that only wait for an alarm`,
    ...errorsOf(it.errors),
    `memory of the runtime: ${it.kib.toFixed(1)} KiB for each, in the second half`,
  ];
}

const REPORTS = { steady, stay: steady, burst, flood, alarms };

export const print = (name, result) => console.log(`${REPORTS[name](result).join("\n")}\n`);

// What a process takes, as Linux tells under /proc.

import { readFileSync, readdirSync } from "node:fs";

/** The kernel counts processor time in hundredths of a second. */
const TICK_US = 10_000;

/** Resident memory in MiB. */
export function memoryOf(pid) {
  const [, kib] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB$/m);
  return Number(kib) / 1_024;
}

/** Processor time so far, in microseconds, of all its threads. */
export function processorTimeOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program may hold spaces; it ends with the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Files that it has open. */
export const openFilesOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

// The resources that a process uses, from Linux's /proc.

import { readFileSync, readdirSync } from "node:fs";

/** The kernel counts processor time in units of 10 ms. */
const TICK_US = 10_000;

/** Resident memory in MiB. */
export function memoryOf(pid) {
  const [, kib] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB$/m);
  return Number(kib) / 1_024;
}

/** Processor time of all threads so far, in microseconds. */
export function processorTimeOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program may contain spaces. It ends at the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** The number of open files. */
export const openFilesOf = (pid) => readdirSync(`/proc/${pid}/fd`).length;

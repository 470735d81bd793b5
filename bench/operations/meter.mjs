// Reads the counts of a Worker that tests/counting.mjs wraps.

const PATH = "/__operations";
const POLL_MS = 10;
const TIMEOUT_MS = 30_000;

const pause = () => new Promise((resolve) => setTimeout(resolve, POLL_MS));

const read = async (edge) => (await edge.fetch(PATH)).json();

/** The counts of the Worker and of each class, once nothing is in progress and no alarm is due soon. */
async function atRest(edge) {
  const end = Date.now() + TIMEOUT_MS;
  for (;;) {
    const { counts, isQuiet } = await read(edge);
    if (isQuiet) return counts;
    if (Date.now() > end) throw new Error(`the Worker was not quiet within ${TIMEOUT_MS} ms`);
    await pause();
  }
}

/** What an action costs, including everything that follows from it within a minute. */
export async function costOf(edge, act) {
  await atRest(edge);
  await edge.fetch(PATH, { method: "DELETE" });
  await act();
  return atRest(edge);
}

/** One kind of count, of everything or of some. */
export const sum = (counts, kind, who = Object.keys(counts)) =>
  who.reduce((total, one) => total + (counts[one]?.[kind] ?? 0), 0);

/** The counts that are billed. */
export const billed = (counts) => ({
  requests: sum(counts, "requests", ["Worker"]),
  objectRequests: sum(counts, "requests") - sum(counts, "requests", ["Worker"]),
  alarms: sum(counts, "alarms"),
  rowsRead: sum(counts, "rowsRead"),
  rowsWritten: sum(counts, "rowsWritten"),
  alarmsSet: sum(counts, "alarmsSet"),
  kvReads: sum(counts, "kvReads"),
  kvWrites: sum(counts, "kvWrites"),
  kvDeletes: sum(counts, "kvDeletes"),
  kvLists: sum(counts, "kvLists"),
  queueOperations: sum(counts, "queueOperations"),
  outgoing: sum(counts, "outgoing"),
});

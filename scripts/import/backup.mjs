// Parses a backup from `npm run export` into requests to the API. Nothing is sent here.

/** The objects in a backup, in two rounds of requests: customers, then integrations. */
export function objectsIn(text) {
  // Customers before integrations, so that no incident seems new.
  const rounds = { customer: [], integration: [] };
  const problems = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const item = restorationIn(line, index + 1);
    if (item) rounds[item.body.class].push(item);
    else problems.push(`line ${index + 1} is not a backup`);
  }
  return { rounds: Object.values(rounds), problems, warnings: [] };
}

/** The request that restores an object; undefined if the line is not a copy of one. */
function restorationIn(line, number) {
  try {
    const copy = JSON.parse(line);
    if (!Object.hasOwn(KEYS_OF, copy.class)) return undefined;
    return {
      name: `line ${number} (${copy.class})`,
      method: "POST",
      path: "/v1/objects",
      body: copy,
      keys: KEYS_OF[copy.class](copy.rows, number),
    };
  } catch {
    return undefined;
  }
}

/** Names for the keys that an object will write, only used to count them. */
const KEYS_OF = {
  integration({ head }, line) {
    const { connected_at, deleted, removed } = head.facts;
    return connected_at !== null && !deleted && !removed ? [`integration ${line}`] : [];
  },
  customer(rows, line) {
    const kept = Object.entries(rows);
    const open = kept.filter(([key, row]) => key.startsWith("incident/") && row.open);
    const holds = kept.some(([key, row]) => key.startsWith("holding/") && row.snapshot !== null);
    return [...open.map(([key]) => `${line} ${key}`), ...(holds ? [`customer ${line}`] : [])];
  },
};

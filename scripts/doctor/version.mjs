// Which version the Worker runs, and the wait until it is the one of this program: after a deployment it
// takes a moment until the new version answers everywhere.

import { readFileSync } from "node:fs";
import { inProject, Stop } from "../project.mjs";
import { setupCommand } from "../worker-name.mjs";
import { send, well, wrong } from "./requests.mjs";

const POLL_MS = 1_000;

/** The version of this program. */
export const ownVersion = () => JSON.parse(readFileSync(inProject("package.json"), "utf8")).version;

/** Resolves once the Worker runs this version, or after the time limit. */
export async function untilVersion(url, version, limitMs) {
  const end = Date.now() + limitMs;
  for (;;) {
    const health = await send(url, "/healthz").catch((error) => {
      if (!(error instanceof Stop)) throw error;
    });
    if (health?.json?.version === version || Date.now() > end) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Whether the Worker runs the version that it must run, if it must run one. */
export function versionRuns(url, { json: { version } }, required) {
  if (required !== undefined && version !== required)
    return wrong(
      "version",
      `The Worker runs version ${version}, and not ${required}.`,
      `Deploy it again (${setupCommand(url)}).`,
    );
  const here = ownVersion();
  const differs = version === here ? "" : `; this copy of the project is version ${here}`;
  return well("version", `The Worker runs version ${version}${differs}.`);
}

// `npm run contract`: makes contract/kombo-edge.d.ts from the schemas, and lints contract/openapi.yaml.
// The test suite does the same, but that it only compares the types. Whether the Worker keeps the
// contract is for tests/contract.test.mjs and scripts/schemathesis.mjs to find out.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "./command.mjs";
import { inProject, isStarted, main, projectEnvironment, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { TYPES, types } from "./types.mjs";

const OPENAPI = inProject("contract", "openapi.yaml");

/** The linter, silent unless it finds something. It would report to its maker that it is used. */
function redocly(...args) {
  const program = inProject("node_modules", "@redocly", "cli", "bin", "cli.js");
  const config = inProject("contract", "redocly.yaml");
  const env = projectEnvironment({
    REDOCLY_TELEMETRY: "off",
    REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
  });
  const { ok, output } = capture(process.execPath, [program, ...args, "--config", config], { env });
  if (!ok) throw new Stop(output);
}

/** The API as one document, with the schemas and the examples in place. */
export function bundle() {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-"));
  try {
    const file = join(folder, "openapi.json");
    redocly("bundle", OPENAPI, "--output", file);
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function checkContract() {
  redocly("lint", OPENAPI);
  if (readFileSync(TYPES, "utf8") === (await types())) return;
  throw new Stop("contract/kombo-edge.d.ts is not what the schemas make: run `npm run contract`.");
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    await setUp();
    writeFileSync(TYPES, await types());
    await checkContract();
    console.log("contract/ is in order, and kombo-edge.d.ts is what the schemas make.");
  });
}

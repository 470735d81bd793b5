// `npm run contract`: generates contract/kombo-edge.d.ts from the schemas, and lints
// contract/openapi.yaml. `npm test` lints too, but only compares the types. Whether the Worker keeps the
// contract is tested by tests/contract.test.mjs and scripts/schemathesis.mjs.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capture } from "./command.mjs";
import { inProject, isStarted, main, projectEnvironment, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { TYPES, types } from "./types.mjs";

const OPENAPI = inProject("contract", "openapi.yaml");

/** Runs Redocly, with its telemetry disabled. Throws a Stop with its output if it finds a problem. */
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

/** The API as a single document that includes the schemas and the examples. */
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
  throw new Stop("contract/kombo-edge.d.ts does not match the schemas: run `npm run contract`.");
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    await setUp();
    writeFileSync(TYPES, await types());
    await checkContract();
    console.log("contract/ is valid, and kombo-edge.d.ts is up to date.");
  });
}

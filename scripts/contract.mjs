// `npm run contract`: generates contract/openapi.json from contract/openapi.yaml, the schemas and the
// examples, and contract/kombo-edge.d.ts and its copy in packages/client/ from the schemas, and lints the API.
// `npm test` lints too, but only compares the files. Whether the Worker keeps the contract is tested by
// tests/contract.test.mjs and scripts/schemathesis.mjs, and scripts/clients.mjs generates clients from it.

import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { argumentsOf } from "./arguments.mjs";
import { capture } from "./command.mjs";
import { OPENAPI, OPENAPI_YAML, openapi } from "./openapi.mjs";
import { inProject, isStarted, main, projectEnvironment, root, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";
import { CLIENT_TYPES, TYPES, types } from "./types.mjs";

/** The generated files, each with the function that returns its text. */
const GENERATED = [
  [OPENAPI, openapi],
  [TYPES, types],
  [CLIENT_TYPES, types],
];

/** Runs Redocly, with its telemetry disabled. Throws a Stop with its output if it finds a problem. */
function lint(file) {
  const program = inProject("node_modules", "@redocly", "cli", "bin", "cli.js");
  const config = inProject("contract", "redocly.yaml");
  const env = projectEnvironment({
    REDOCLY_TELEMETRY: "off",
    REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
  });
  const args = [program, "lint", file, "--config", config];
  const { ok, output } = capture(process.execPath, args, { env });
  if (!ok) throw new Stop(output);
}

export async function checkContract() {
  for (const file of [OPENAPI_YAML, OPENAPI]) lint(file);
  for (const [file, generate] of GENERATED) {
    if (readFileSync(file, "utf8") === (await generate())) continue;
    throw new Stop(`${relative(root, file)} is out of date: run \`npm run contract\`.`);
  }
}

const command = {
  name: "contract",
  about: "Lints the contract, and generates the bundled API and the types.",
};

if (isStarted(import.meta.url)) {
  await main(async () => {
    await argumentsOf(command);
    await setUp();
    for (const [file, generate] of GENERATED) writeFileSync(file, await generate());
    await checkContract();
    const files = GENERATED.map(([file]) => relative(root, file));
    console.log(`contract/ is valid. Up to date: ${files.join(", ")}.`);
  });
}

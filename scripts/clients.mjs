// `node scripts/clients.mjs`: generates clients from contract/openapi.json with openapi-typescript,
// openapi-python-client and datamodel-codegen. Then it compiles the types, and imports the Python and parses
// every example with it. No client calls the Worker: scripts/schemathesis.mjs does that.

import { mkdirSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { capture } from "./command.mjs";
import { OPENAPI } from "./openapi.mjs";
import { inProject, isStarted, main, projectEnvironment, python, Stop } from "./project.mjs";
import { setUp, typescriptPackages } from "./setup.mjs";

const FOLDER = inProject("target", "tmp", "clients");

const STRICTLY = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"];
const COMPILER_OPTIONS = ["--noEmit", "--skipLibCheck", "--target", "es2022"];
const MODULES = ["--module", "esnext", "--moduleResolution", "bundler"];

export function testClients() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  testTypeScript();
  testPython();
}

/** The types must compile with the project's TypeScript and with the one that generated them. */
function testTypeScript() {
  const generator = join(typescriptPackages, "openapi-typescript", "bin", "cli.js");
  const output = join(FOLDER, "openapi.d.ts");
  mustSucceed(process.execPath, [generator, OPENAPI, "--output", output]);
  const files = ["backend.ts", "client.ts", "namespace.ts"];
  const uses = files.map((file) => inProject("tests", "types", file));
  for (const packages of [inProject("node_modules"), typescriptPackages]) {
    const tsc = join(packages, "typescript", "bin", "tsc");
    mustSucceed(process.execPath, [tsc, ...COMPILER_OPTIONS, ...STRICTLY, ...MODULES, ...uses]);
  }
}

function testPython() {
  const bin = join(python, "bin");
  const client = join(FOLDER, "kombo_edge");
  const strictly = ["--meta", "none", "--fail-on-warning"];
  mustSucceed(join(bin, "openapi-python-client"), [
    ...["generate", "--path", OPENAPI, "--output-path", client, ...strictly],
  ]);
  const models = join(FOLDER, "models.py");
  mustSucceed(join(bin, "datamodel-codegen"), [
    ...["--input", OPENAPI, "--input-file-type", "openapi", "--output", models],
    ...["--formatters", "builtin"],
  ]);
  mustSucceed(join(bin, "python"), [inProject("scripts", "clients", "parse.py"), FOLDER, OPENAPI]);
}

/** Runs a program. Throws a Stop with its output if it fails. */
function mustSucceed(program, args) {
  // openapi-python-client calls ruff.
  const PATH = [join(python, "bin"), process.env.PATH].join(delimiter);
  const { ok, output } = capture(program, args, { env: projectEnvironment({ PATH }) });
  if (!ok) throw new Stop(`${[program, ...args].join(" ")} failed:\n${output}`);
}

if (isStarted(import.meta.url)) {
  await main(async () => {
    await setUp({ forTests: true });
    testClients();
    console.log("The clients were generated, and parse every example.");
  });
}

// Checks the names of tools that messages show against Kombo's SDK: each slug that the SDK knows has a
// name. That the names are those that customers know, no test can tell.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { IntegrationTool } from "@kombo-api/sdk/models";
import { inProject } from "../scripts/project.mjs";

const lines = readFileSync(inProject("src/contracts/slack/tools.txt"), "utf8")
  .trimEnd()
  .split("\n");
const slugs = lines.map((line) => line.slice(0, line.indexOf(" ")));

test("every tool that Kombo's SDK knows has a name", () => {
  const known = Object.values(IntegrationTool);
  assert.ok(known.length > 150, `the SDK knows ${known.length} tools`);
  assert.deepEqual(
    known.filter((slug) => !slugs.includes(slug)),
    [],
  );
});

// Which Worker is behind a URL, and how commands in messages name it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { inProject } from "../scripts/project.mjs";
import { logCommand, secretCommand, setupCommand, workerAt } from "../scripts/worker-name.mjs";

const url = (text) => new URL(text);

test("a Worker is known by its workers.dev name, or by the setup's file for its domain", (t) => {
  assert.equal(workerAt(url("https://edge-us.acme.workers.dev/x")), "edge-us");
  assert.equal(workerAt(url("http://127.0.0.1:8787")), "kombo-edge");
  const name = `test-${randomUUID()}`;
  const domain = `${name}.example.com`;
  assert.equal(workerAt(url(`https://${domain}`)), undefined);
  const file = inProject(`wrangler.${name}.toml`);
  t.after(() => rmSync(file, { force: true }));
  writeFileSync(file, `name = "${name}"\nroutes = [{ pattern = "${domain}/*" }]\n`);
  assert.equal(workerAt(url(`https://${domain}`)), name);
  const put = secretCommand(url(`https://${domain}`), "API_TOKEN");
  assert.equal(put, `npx wrangler secret put API_TOKEN --config wrangler.${name}.toml`);
});

test("a command in a message names the Worker, or says that its name is needed", () => {
  const known = url("https://edge-us.acme.workers.dev");
  assert.equal(setupCommand(known), "npm run setup -- --name edge-us");
  assert.equal(logCommand(known), "npx wrangler tail edge-us");
  assert.equal(setupCommand(url("https://x.example.com")), "npm run setup -- --name <name>");
});

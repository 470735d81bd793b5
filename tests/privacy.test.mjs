// What is left of a customer after an erasure, searched for in the files of the local runtime itself.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { objectsIn } from "../dev/worker.mjs";
import {
  TOKENS,
  ask,
  deliver,
  document,
  eventually,
  failure,
  keys,
  makeEvent,
} from "./testbed.mjs";
import { startTestbed } from "./testbed.mjs";

const CANARIES = ["canary-organization", "canary@example.com", "canary-log"];
const ABOUT = { originId: "42", organization: CANARIES[0], email: CANARIES[1] };

// Prints every cell of every table. Node 22.12 needs a flag for SQLite, and other tests need Python too.
const DUMP = `
import sqlite3, sys
for file in sys.argv[1:]:
    database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
    for (table,) in tables:
        for row in database.execute(f'select * from "{table}"'):
            print(table, *row)
`;

/** All rows of all objects that are stored in a folder, as one text. */
function stored(folder) {
  const objects = objectsIn(folder);
  const files = readdirSync(objects, { recursive: true })
    .filter((file) => /[0-9a-f]{64}\.sqlite$/.test(file))
    .map((file) => join(objects, file));
  return execFileSync("python3", ["-c", DUMP, ...files], { encoding: "utf8" });
}

/** All keys of Workers KV with their values and metadata, as one text. */
async function mapped(edge) {
  const kv = await edge.kv();
  const all = (await keys(edge)).map(async (key) => {
    const { value, metadata } = await kv.getWithMetadata(key);
    return `${key} ${value} ${JSON.stringify(metadata)}`;
  });
  return (await Promise.all(all)).join("\n");
}

const found = (text) => CANARIES.filter((canary) => text.includes(canary));

test("nothing is left of an erased customer in any object or in Workers KV", async (t) => {
  const it = await startTestbed(t, {
    bindings: TOKENS,
    persist: true,
    slack: { answers: () => ({ status: 503 }) },
  });
  const created = { ...ABOUT, integrationId: "hibob:Six" };
  await deliver(it.edge, makeEvent("integration-created", created));
  const failed = makeEvent("connection-flow-failed", { ...ABOUT, tool: "lever", category: "ATS" });
  failed.data.log_url = `https://app.kombo.dev/${CANARIES[2]}`;
  await deliver(it.edge, failed);
  const broken = makeEvent("integration-created", ABOUT);
  delete broken.data.id;
  assert.equal(await deliver(it.edge, broken), "quarantined");
  await deliver(it.edge, failure("other-customer"));
  await document(it.edge, "customer:42");
  const waiting = async (count) => {
    const { team } = await (await ask(it.edge, "/v1/status")).json();
    return team.waiting === count;
  };
  await eventually(() => waiting(3), "three waiting alerts");
  await eventually(
    async () => (await keys(it.edge, "quarantine:")).length === 1,
    "the quarantine document",
  );
  assert.deepEqual(found(stored(it.folder)), CANARIES, "all of it is there before the erasure");

  const erased = await ask(it.edge, "/v1/customers/42", { method: "DELETE" });
  assert.deepEqual((await erased.json()).integrations, ["hibob:Six"]);
  const everywhere = async () => stored(it.folder) + (await mapped(it.edge));
  await eventually(async () => found(await everywhere()).length === 0, "the end of the erasure");
  await it.kill();
  const left = stored(it.folder);
  assert.deepEqual(found(left), []);
  assert.ok(left.includes("hibob:Six"), "the tombstone");
  assert.ok(left.includes("other-customer"), "others are untouched");
});

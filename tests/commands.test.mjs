// The commands that call a running Worker, run as a user would run them.

import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { startCloudflare } from "../dev/cloudflare.mjs";
import { integration, startKombo } from "../dev/kombo-integrations.mjs";
import { command, commandWith, runCommand } from "./command.mjs";
import { TOKENS, ask, deliver, document, failure, makeEvent, startTestbed } from "./testbed.mjs";
import { SECRET, absent, eventually, key, keys } from "./testbed.mjs";

/** An account at the stand-in for Cloudflare: the environment variables with which a command uses it. */
async function account(test, persist) {
  const token = "cloudflare-token";
  const cloudflare = await startCloudflare({ persist, token });
  test.after(() => cloudflare.stop());
  return {
    CLOUDFLARE_ACCOUNT_ID: "account",
    CLOUDFLARE_API_TOKEN: token,
    CLOUDFLARE_API_BASE_URL: cloudflare.url,
  };
}

describe("a command", { concurrency: true }, () => {
  test("assigns an integration by the handle that Slack shows", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    const integrationId = "hibob:Five";
    await deliver(edge, makeEvent("integration-created:nulls", { integrationId }));
    await document(edge, `unassigned:${integrationId}`);
    const [message] = await slack.waitFor(1);
    const [, handle] = message.text.match(/npx kombo-edge assign (\w{8}) --origin-id/);

    const given = await command(edge, "assign", handle, "--origin-id", "42");
    assert.match(given.printed, /now belongs to customer 42 \(before: no customer\)/);
    await document(edge, "customer:42");
    const moved = await command(edge, "assign", handle, "--held-by", "42", "--origin-id", "43");
    assert.match(moved.printed, /now belongs to customer 43 \(before: customer 42\)/);
    const back = await command(edge, "assign", handle, "--held-by", "43", "--release");
    assert.match(back.printed, /now belongs to no customer/);
    for (const { printed } of [given, moved, back]) assert.ok(!printed.includes(integrationId));
  });

  test("closes the incident of an integration by its handle, and any other by its key", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    await deliver(edge, makeEvent("integration-state-changed", { state: "INVALID" }));
    const [message] = await slack.waitFor(1);
    const [, handle] = message.text.match(/Integration: #(\w{8})/);
    await key(edge, "incident:");
    const unknown = await command(edge, "close", "abcdefgh");
    assert.equal(unknown.code, 1);
    assert.match(unknown.printed, /No open incident is about abcdefgh/);
    const closed = await command(edge, "close", `#${handle}`);
    assert.match(closed.printed, /The incident about \w{8} is closed/);
    await eventually(async () => (await keys(edge, "incident:")).length === 0, "the end");
    await deliver(edge, failure("42"));
    await command(edge, "close", await key(edge, "incident:"));
    await eventually(async () => (await keys(edge, "incident:")).length === 0, "the end");
  });

  test("says what it could not find, and which argument is missing", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const unknown = await command(edge, "assign", "abcdefgh", "--origin-id", "42");
    assert.equal(unknown.code, 1);
    assert.match(unknown.printed, /No unassigned integration #abcdefgh\. .* --held-by/);
    const unheld = await command(edge, "assign", "abcdefgh", "--held-by", "7", "--release");
    assert.match(unheld.printed, /404 Not found/);
    const { printed } = await command(edge, "assign", "abcdefgh");
    assert.match(printed, /^\n--origin-id is missing\.\n`npm run assign -- --help` explains/);
  });

  test("never sends a token unencrypted", async () => {
    const url = "http://kombo-edge.example.com";
    const muted = await command({ url }, "mute", "42", "--off");
    assert.equal(muted.code, 1);
    assert.match(muted.printed, /A token is only sent over https:\/\/, not to /);
    assert.ok(!muted.printed.includes(TOKENS.API_TOKEN));
  });

  test("writes a copy that only its owner can read, even over a file that others could read", async (t) => {
    const it = await startTestbed(t, { bindings: TOKENS, persist: true });
    const env = await account(t, it.folder);
    await deliver(it.edge, makeEvent("integration-created", { originId: "42" }));
    await document(it.edge, "customer:42");
    const file = join(it.folder, "copy.ndjson");
    writeFileSync(file, "a longer copy from before".repeat(1_000), { mode: 0o644 });
    const exported = await commandWith(env, it.edge, "export", "--out", file);
    assert.equal(exported.code, 0, exported.printed);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!readFileSync(file, "utf8").includes("from before"));
  });

  test("mutes and unmutes a customer", async (t) => {
    const { edge, slack } = await startTestbed(t, { bindings: TOKENS });
    const muted = await command(edge, "mute", "a/b", "--for", "24h");
    assert.match(muted.printed, /Customer a\/b is muted:\n {2}all tools until /);
    await deliver(edge, failure("a/b"));
    const ended = await command(edge, "mute", "a/b", "--off");
    assert.match(ended.printed, /is not muted/);
    await slack.waitFor(1);
    assert.equal((await ask(edge, "/v1/status")).status, 200);
  });

  test("mutes a tool as Slack shows it or as Kombo spells it, and no other", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const env = { TZ: "Asia/Kolkata", LC_ALL: "en_US.UTF-8" };
    const mute = (...args) => commandWith(env, edge, "mute", "42", ...args);
    const on = (tool) => mute("--for", "24h", "--tool", tool);
    const muted = async (tool, slug) => {
      const { code, printed } = await on(tool);
      assert.equal(code, 0, printed);
      assert.match(printed, new RegExp(`^  ${slug} until .*20\\d\\d.* GMT\\+5:30$`, "m"));
    };
    await muted("HiBob", "hibob");
    await muted("SAP SuccessFactors", "successfactors");
    await muted("bamboo hr", "bamboohr");
    await muted("personio", "personio");
    for (const [tool, problem] of [
      ["PayFit", /--tool PayFit may mean payfitcustomer or payfitpartner/],
      ["brandnew", /--tool brandnew is not a tool of Kombo's, and customer 42 has none/],
    ]) {
      const { code, printed } = await on(tool);
      assert.equal(code, 1);
      assert.match(printed, problem);
    }
    // Tools that Kombo added after this version: one that failed, and one that is connected.
    await deliver(edge, failure("42", { tool: "brandnew", category: "ATS" }));
    const another = { originId: "42", integrationId: "another:1", tool: "another" };
    await deliver(edge, makeEvent("integration-created", another));
    await document(edge, "customer:42");
    await eventually(async () => (await keys(edge, "incident:")).length > 0, "the incident");
    await muted("brandnew", "brandnew");
    await muted("another", "another");

    const one = await mute("--off", "--tool", "HiBob");
    assert.ok(!one.printed.includes("hibob") && one.printed.includes("bamboohr"), one.printed);
    assert.match((await mute("--for", "1h")).printed, /all tools until/);
    assert.match((await mute("--off")).printed, /^Customer 42 is not muted\.$/m);
  });

  test("sends events about one integration for each customer and tool, and says where", async (t) => {
    const { edge, folder } = await startTestbed(t, { bindings: TOKENS, persist: true });
    const send = async (...args) => {
      const to = ["--url", String(edge.url), "--secret", SECRET];
      const it = await runCommand({ KOMBO_EDGE_STATE: folder }, "send", ...args, ...to);
      assert.equal(it.code, 0, it.printed);
      assert.ok(it.printed.startsWith(`POST ${edge.url}webhooks/kombo\n`), it.printed);
    };
    for (const customer of ["42", "43"]) {
      await send("connection-flow-failed", "--origin-id", customer);
      await send("integration-created", "--origin-id", customer);
    }
    await send("integration-created", "--origin-id", "43", "--tool", "personio");
    const held = async (customer, count) => {
      const has = ({ integrations }) => integrations.length === count;
      return (await document(edge, `customer:${customer}`, has)).integrations;
    };
    const [first] = await held("42", 1);
    const others = await held("43", 2);
    assert.equal(new Set([first, ...others].map(({ id }) => id)).size, 3);
    await send("integration-state-changed", "--origin-id", "42");
    const changed = ({ integrations }) => integrations[0].state === "INVALID";
    await document(edge, "customer:42", changed);
    await send("integration-deleted", "--origin-id", "42");
    await absent(edge, "customer:42");
    await held("43", 2);
  });

  test("that uses Cloudflare's API uses the Worker of the URL, and compares", async (t) => {
    const it = await startTestbed(t, { bindings: TOKENS, persist: true });
    const env = await account(t, it.folder);
    await deliver(it.edge, makeEvent("integration-created", { originId: "42" }));
    await document(it.edge, "customer:42");
    const other = { url: "https://other.acme.workers.dev" };
    const named = await commandWith(env, other, "rebuild");
    assert.match(named.printed, /The Worker "other" has no objects/);
    const contradicted = await commandWith(env, other, "rebuild", "--worker", "kombo-edge");
    assert.match(contradicted.printed, /is the Worker "other", but --worker says "kombo-edge"/);
    const routed = await commandWith(env, { url: "https://edge.example.com" }, "rebuild");
    assert.match(routed.printed, /Which Worker is at https:\/\/edge\.example\.com\? Pass --worker/);

    const empty = await startTestbed(t, { bindings: TOKENS });
    for (const args of [["rebuild"], ["export", "--out", join(it.folder, "copy.ndjson")]]) {
      const { code, printed } = await commandWith(env, empty.edge, ...args);
      assert.equal(code, 1);
      assert.match(printed, /knows none of these objects: they belong to another one/);
    }
  });

  test("says once that a token is wrong, however many objects there are", async (t) => {
    const { edge, folder } = await startTestbed(t, { bindings: TOKENS, persist: true });
    const env = await account(t, folder);
    for (const originId of ["41", "42", "43"]) {
      const integrationId = `hibob:${originId}`;
      await deliver(edge, makeEvent("integration-created", { originId, integrationId }));
      await document(edge, `customer:${originId}`);
    }
    const wrong = { url: edge.url, token: "x".repeat(16) };
    for (const args of [["rebuild"], ["export", "--out", join(folder, "copy.ndjson")]]) {
      const { code, printed } = await commandWith(env, wrong, ...args);
      assert.equal(code, 1);
      assert.equal(printed.match(/rejects the token/g).length, 1, printed);
    }
    const nowhere = await commandWith(env, edge, "export", "--out", join(folder, "no", "copy"));
    assert.match(nowhere.printed, /The folder .*no does not exist\. Create it/);
  });

  test("rewrites all of Workers KV after it was emptied", async (t) => {
    const { edge, folder } = await startTestbed(t, { bindings: TOKENS, persist: true });
    const env = await account(t, folder);
    for (const customer of ["41", "42", "43"]) {
      const integrationId = `hibob:${customer}`;
      await deliver(edge, makeEvent("integration-created", { originId: customer, integrationId }));
      await deliver(edge, failure(customer, { category: "ATS" }));
    }
    const broken = makeEvent("integration-created");
    delete broken.data.id;
    await deliver(edge, broken);
    const count = 3 + 3 + 3 + 1;
    const written = () => eventually(async () => (await keys(edge)).length === count, "all keys");
    await written();
    const before = (await keys(edge)).sort();
    const kv = await edge.kv();
    for (const key of before) await kv.delete(key);

    const { code, printed } = await commandWith(env, edge, "rebuild");
    assert.equal(code, 0, printed);
    // The organization that all three belong to has an object, too, which keeps nothing.
    assert.match(printed, /9 objects are rewriting their keys/);
    await written();
    assert.deepEqual((await keys(edge)).sort(), before);
    const rejected = await commandWith({ ...env, CLOUDFLARE_API_TOKEN: "x" }, edge, "rebuild");
    assert.match(rejected.printed, /answered 403: Authentication error/);
    const unknown = `/v1/objects/customer/${"0".repeat(64)}/rebuild`;
    assert.equal((await ask(edge, unknown, { method: "POST" })).status, 404);
  });

  test("moves to another account", async (t) => {
    const old = await startTestbed(t, { bindings: TOKENS, persist: true });
    const env = await account(t, old.folder);
    const created = (originId, integrationId) =>
      deliver(old.edge, makeEvent("integration-created", { originId, integrationId }));
    await created("41", "hibob:One");
    await created("42", "hibob:Two");
    await created("43", "hibob:Three");
    await deliver(old.edge, makeEvent("integration-deleted", { integrationId: "hibob:Three" }));
    await deliver(old.edge, failure("44", { tool: "lever", category: "ATS" }));
    const assigned = "/v1/integrations/hibob%3ATwo/customer";
    await ask(old.edge, assigned, { method: "PUT", json: { origin_id: "45" } });
    await document(old.edge, "customer:45");
    await absent(old.edge, "customer:42");
    await absent(old.edge, "customer:43");
    await old.slack.waitFor(2);
    // This creates an empty object.
    assert.equal((await ask(old.edge, "/v1/customers/unknown")).status, 404);

    const file = join(old.folder, "copy.ndjson");
    const exported = await commandWith(env, old.edge, "export", "--out", file);
    assert.equal(exported.code, 0, exported.printed);
    const before = (await keys(old.edge)).sort();

    const it = await startTestbed(t, { bindings: TOKENS });
    const planned = await command(it.edge, "import", file, "--dry-run");
    assert.match(planned.printed, /to import; Workers KV needs at least 5 writes/);
    assert.deepEqual(await keys(it.edge), []);
    for (const _ of ["once", "and again"]) {
      const imported = await command(it.edge, "import", file);
      assert.equal(imported.code, 0, imported.printed);
      await eventually(async () => (await keys(it.edge)).length === before.length, "all keys");
      assert.deepEqual((await keys(it.edge)).sort(), before);
    }
    await deliver(it.edge, makeEvent("integration-created", { integrationId: "hibob:Three" }));
    const lever = { originId: "44", integrationId: "lever:Four", tool: "lever", category: "ATS" };
    await deliver(it.edge, makeEvent("integration-created", lever));
    const [message] = await it.slack.waitFor(1);
    assert.match(message.text, /connected Lever/);
    assert.equal((await ask(it.edge, "/v1/integrations/hibob%3AThree")).status, 404);
  });

  test("imports a table, once or repeatedly, and lists what it could not import", async (t) => {
    const { edge, folder, slack } = await startTestbed(t, { bindings: TOKENS, persist: true });
    const integrationId = "hibob:Held";
    await deliver(edge, makeEvent("integration-created", { originId: "7", integrationId }));
    await document(edge, "customer:7");
    const file = join(folder, "mappings.csv");
    writeFileSync(
      file,
      [
        "\uFEFForigin_id,integration_id,tool,category,organization,connected_at",
        '42,"hibob:A,B",hibob,HRIS,"Müller, Søn & Co",2024-05-01T12:00:00Z',
        "42,lever:C,lever,ATS,,",
        "43,hibob:Held,,,,",
        "44,lever:C,,,,",
        "45,,,,,",
        "46, hibob:D,,,,",
      ].join("\r\n"),
    );
    const planned = await command(edge, "import", file, "--dry-run");
    assert.match(planned.printed, /3 to import; Workers KV needs at least 5 writes/);
    for (const _ of ["once", "and again"]) {
      const { code, printed } = await command(edge, "import", file);
      assert.equal(code, 1);
      assert.match(printed, /2 imported/);
      assert.match(printed, /row 4 \(customer 43\): 409 Conflict: /);
      assert.match(printed, /row 5 \(customer 44\): the table also assigns .* customer 42/);
      assert.match(printed, /row 6 \(customer 45\): an id is missing/);
      assert.match(printed, /row 7 \(customer 46\): an id has white space around it/);
      assert.match(printed, /4 could not be imported/);
    }
    const customer = await document(edge, "customer:42", (it) => it.integrations.length === 2);
    const [first] = customer.integrations;
    assert.equal(first.id, "hibob:A,B");
    assert.equal(first.connected_at, "2024-05-01T12:00:00.000Z");
    assert.equal(customer.organization_name, "Müller, Søn & Co");
    assert.equal((await document(edge, "customer:7")).integrations.length, 1);
    assert.deepEqual(slack.messages, []);
  });

  test("gets from Kombo what a table lacks", async (t) => {
    const { edge, folder } = await startTestbed(t, { bindings: TOKENS, persist: true });
    const kombo = await startKombo({
      keys: { "kombo-key": "environment" },
      integrations: { "hibob:One": integration("hibob:One") },
    });
    t.after(() => kombo.stop());
    const file = join(folder, "mappings.csv");
    writeFileSync(file, "origin_id,integration_id\n42,hibob:One\n43,hibob:Unknown\n");
    const env = { KOMBO_API_KEY: "kombo-key", KOMBO_API_URL: kombo.url };
    const { printed } = await commandWith(env, edge, "import", file);
    assert.match(printed, /row 3 \(customer 43\): Kombo answered 404/);
    const { integrations } = await document(edge, "customer:42");
    assert.equal(integrations[0].tool, "hibob");
    assert.equal(integrations[0].connected_at, "2025-05-01T12:00:00.000Z");
  });
});

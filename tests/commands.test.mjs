// The commands that speak to a running Worker, run as a person runs them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startCloudflare } from "../dev/cloudflare.mjs";
import { TOKENS, ask, deliver, document, failure, makeEvent, stand } from "./stand.mjs";
import { eventually, keys } from "./stand.mjs";

/** Runs a script against a stand, and gives back its exit code and all that it printed. */
async function command(edge, script, ...args) {
  return commandWith({}, edge, script, ...args);
}

/** The same, with variables of the environment. */
async function commandWith(variables, edge, script, ...args) {
  const path = fileURLToPath(new URL(`../scripts/${script}.mjs`, import.meta.url));
  const to = ["--url", String(edge.url), "--token", TOKENS.API_TOKEN];
  const env = { ...process.env, ...variables };
  const child = spawn(process.execPath, [path, ...args, ...to], { env });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, printed: out + error };
}

describe("a command", { concurrency: true }, () => {
  test("assigns by the handle that Slack shows", async (t) => {
    const { edge, slack } = await stand(t, { bindings: TOKENS });
    const integrationId = "hibob:Five";
    await deliver(edge, makeEvent("integration-created:nulls", { integrationId }));
    await document(edge, `unassigned:${integrationId}`);
    const [message] = await slack.waitFor(1);
    const [, handle] = message.text.match(/npm run assign -- (\w{8}) --origin-id/);

    const given = await command(edge, "assign", handle, "--origin-id", "42");
    assert.match(given.printed, /belongs to customer 42 now \(before: no customer\)/);
    await document(edge, "customer:42");
    const moved = await command(edge, "assign", handle, "--held-by", "42", "--origin-id", "43");
    assert.match(moved.printed, /belongs to customer 43 now \(before: customer 42\)/);
    const back = await command(edge, "assign", handle, "--held-by", "43", "--release");
    assert.match(back.printed, /belongs to no customer now/);
    for (const { printed } of [given, moved, back]) assert.ok(!printed.includes(integrationId));
  });

  test("says what it could not find, and how it is used", async (t) => {
    const { edge } = await stand(t, { bindings: TOKENS });
    const unknown = await command(edge, "assign", "abcdefgh", "--origin-id", "42");
    assert.equal(unknown.code, 1);
    assert.match(unknown.printed, /No integration #abcdefgh waits .* --held-by/);
    const unheld = await command(edge, "assign", "abcdefgh", "--held-by", "7", "--release");
    assert.match(unheld.printed, /404 None/);
    assert.match((await command(edge, "assign", "abcdefgh")).printed, /^\nUsage: npm run assign/);
  });

  test("mutes a customer, and ends that", async (t) => {
    const { edge, slack } = await stand(t, { bindings: TOKENS });
    const muted = await command(edge, "mute", "a/b", "--for", "24h");
    assert.match(muted.printed, /Customer a\/b is muted:\n {2}all tools until /);
    await deliver(edge, failure("a/b"));
    const ended = await command(edge, "mute", "a/b", "--off");
    assert.match(ended.printed, /is not muted/);
    await slack.waitFor(1);
    assert.equal((await ask(edge, "/v1/status")).status, 200);
  });

  test("writes all of Workers KV again after it was emptied", async (t) => {
    const { edge, folder } = await stand(t, { bindings: TOKENS, persist: true });
    const token = "cloudflare-token";
    const cloudflare = await startCloudflare({ persist: folder, token });
    t.after(() => cloudflare.stop());
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

    const env = {
      CLOUDFLARE_ACCOUNT_ID: "account",
      CLOUDFLARE_API_TOKEN: token,
      CLOUDFLARE_API_BASE_URL: cloudflare.url,
    };
    const { code, printed } = await commandWith(env, edge, "rebuild");
    assert.equal(code, 0, printed);
    assert.match(printed, /8 objects write their keys again/);
    await written();
    assert.deepEqual((await keys(edge)).sort(), before);
    const refused = await commandWith({ ...env, CLOUDFLARE_API_TOKEN: "x" }, edge, "rebuild");
    assert.match(refused.printed, /answered 403: Authentication error/);
    const unknown = `/v1/objects/customer/${"0".repeat(64)}/rebuild`;
    assert.equal((await ask(edge, unknown, { method: "POST" })).status, 404);
  });
});

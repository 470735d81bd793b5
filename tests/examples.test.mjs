// The backends of examples/ against the real Worker, from copies with this project's packages, without
// `npm install` and `wrangler dev`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { getPlatformProxy } from "wrangler";
import { SIGNATURE_HEADER, bodyOf, sign } from "../dev/kombo.mjs";
import { makeSession } from "../examples/node/session.mjs";
import { API_KEY, root, SESSION_SECRET, startExamples } from "./examples-testbed.mjs";
import { deliver, document, eventually, keys, makeEvent, startTestbed } from "./testbed.mjs";
import { SECRET, TOKENS } from "./testbed.mjs";

const run = promisify(execFile);

const ASTRID = { id: "7Qm2sVxKd9RfTzLw4HbNcYp3", first_name: "Astrid", last_name: "Lindqvist" };
const FIRST_PAGE = { tool: "hibob", employees: [ASTRID], next: "2" };

const cleanUp = [];
let all;
before(async () => {
  all = await startExamples((end) => cleanUp.push(end));
});
after(async () => {
  for (const end of cleanUp.reverse()) await end();
});

/** The id of an integration, made from the customer's id. */
const idFor = (originId) => `hibob:${originId}`;

/** Connects a tool for a customer and waits until it is in Workers KV. Returns the integration's id. */
async function connected(originId, { integrationId = idFor(originId), ...changes } = {}) {
  await deliver(
    all.edge,
    makeEvent("integration-created", { originId, integrationId, ...changes }),
  );
  await known(originId, integrationId);
  return integrationId;
}

/** Makes Kombo report a state of a customer's integration. */
async function inState(originId, state) {
  const integrationId = idFor(originId);
  const event = makeEvent("integration-state-changed", { originId, integrationId });
  Object.assign(event.data, { state: "ACTIVE", setup_status: "COMPLETED" }, state);
  await deliver(all.edge, event);
  await known(originId, integrationId);
}

async function known(originId, integrationId) {
  const holds = ({ integrations }) => integrations.some(({ id }) => id === integrationId);
  await document(all.edge, `customer:${originId}`, holds);
  await document(all.edge, `integration:${integrationId}`);
}

/** Changes the value of a key in Workers KV from what kombo-edge wrote. */
async function distort(key, change) {
  const kv = await all.edge.kv();
  const { value, metadata } = await kv.getWithMetadata(key);
  await kv.put(key, change(value), { metadata });
}

const session = (...claims) => ({
  headers: { cookie: `theme=dark; session=${makeSession(...claims)}` },
});

/** What the page of a logged-in user gets. */
async function employees({ ask }, originId, query = "") {
  const response = await ask(`/employees${query}`, session(originId, SESSION_SECRET));
  assert.equal(response.headers.get("cache-control"), "no-store");
  const text = await response.text();
  assert.ok(!text.includes("hibob:"), "no response to a browser contains an integration id");
  return [response.status, JSON.parse(text)];
}

const post = async ({ ask }, body, headers) => {
  const response = await ask("/webhooks/kombo", { method: "POST", headers, body });
  return [response.status, await response.json()];
};

/** The response to an event that Kombo signed. */
const notify = (backend, event, secret = SECRET) =>
  post(backend, bodyOf(event), { [SIGNATURE_HEADER]: sign(bodyOf(event), secret) });

const dataChanged = (integrationId) => makeEvent("data-changed", { integrationId });

const callsWith = (integrationId) =>
  all.kombo.calls.filter((call) => call.integrationId === integrationId);

for (const which of ["worker", "node"]) {
  describe(`the ${which} example`, { concurrency: true }, () => {
    const customer = (name) => `${which}-${name}`;

    test("finds the current integration of a logged-in user and calls Kombo with its id", async () => {
      const originId = customer("a/b c 🦉");
      const id = await connected(originId, { integrationId: idFor(customer("ascii")) });
      assert.deepEqual(await employees(all[which], originId), [200, FIRST_PAGE]);
      const [status, { next }] = await employees(all[which], originId, "?cursor=2");
      assert.deepEqual([status, next], [200, null]);
      const call = { method: "GET", path: "/v1/hris/employees", integrationId: id };
      const authorization = `Bearer ${API_KEY}`;
      assert.deepEqual(callsWith(id), [
        { ...call, authorization, cursor: null },
        { ...call, authorization, cursor: "2" },
      ]);
    });

    test("uses the integration connected last if a customer has two in a category", async () => {
      const originId = customer("twice");
      await connected(originId);
      const second = await connected(originId, { integrationId: `${idFor(originId)}-second` });
      await employees(all[which], originId);
      assert.equal(callsWith(second).length, 1);
    });

    test("reports that a customer has not connected anything, or nothing in the category", async () => {
      const none = [404, { error: "not-connected-yet" }];
      assert.deepEqual(await employees(all[which], customer("nothing")), none);
      await connected(customer("lms"), { category: "LMS" });
      assert.deepEqual(await employees(all[which], customer("lms")), none);
      assert.deepEqual(callsWith(idFor(customer("lms"))), []);
    });

    for (const [state, remedy] of [
      [{ state: "INVALID" }, "reconnect"],
      [{ state: "INACTIVE" }, "enable"],
      [{ setup_status: "INCOMPLETE" }, "finish-setup"],
      [{ setup_status: "FINAL_SYNC_PENDING" }, "wait"],
    ]) {
      test(`does not call Kombo with an integration that is not usable: ${remedy}`, async () => {
        const originId = customer(remedy);
        await inState(originId, state);
        const answer = [409, { error: "not-usable", tool: "hibob", remedy }];
        assert.deepEqual(await employees(all[which], originId), answer);
        assert.deepEqual(callsWith(idFor(originId)), []);
      });
    }

    test("shows no data to someone who is not logged in", async () => {
      const originId = customer("private");
      await connected(originId);
      for (const init of [
        {},
        { headers: { cookie: "session=a.b.c" } },
        session(originId, "forged"),
        session(originId, SESSION_SECRET, -1),
      ]) {
        const response = await all[which].ask("/employees", init);
        assert.equal(response.status, 401);
        assert.deepEqual(await response.json(), { error: "not-logged-in" });
      }
    });

    test("reports what Kombo rejected, or that it did not answer", async () => {
      const originId = customer("rejected");
      const id = await connected(originId);
      for (const code of ["INTEGRATION.QA_FAILED", null]) {
        all.rejections.set(id, code);
        assert.deepEqual(await employees(all[which], originId), [502, { error: "kombo", code }]);
      }
    });

    test("answers data-changed with the customer of the integration", async () => {
      const id = await connected(customer("changed"));
      const models = ["hris_employees", "hris_join_employees_teams"];
      const found = { outcome: "found", customer: customer("changed"), models };
      assert.deepEqual(await notify(all[which], dataChanged(id)), [200, found]);
      const written = `"customer":"${customer("changed")}"`;
      const lines = await eventually(() => {
        const lines = all[which].lines();
        return lines.some((line) => line.includes(written)) && lines;
      }, `a line with ${written}`);
      assert.ok(
        !lines.some((line) => line.includes("hibob:")),
        "no log contains an integration id",
      );
    });

    test("asks Kombo to send data-changed again while the integration is not known", async () => {
      const event = dataChanged(idFor(customer("later")));
      assert.deepEqual(await notify(all[which], event), [404, { error: "not-connected-yet" }]);
      await connected(customer("later"));
      assert.equal((await notify(all[which], event))[0], 200);
    });

    test("accepts data-changed for an integration without a customer, and other events", async () => {
      const integrationId = `sandbox:${customer("unassigned")}`;
      await deliver(all.edge, makeEvent("integration-created:nulls", { integrationId }));
      await document(all.edge, `integration:${integrationId}`);
      const unassigned = [200, { outcome: "unassigned" }];
      assert.deepEqual(await notify(all[which], dataChanged(integrationId)), unassigned);
      const ignored = [200, { outcome: "ignored" }];
      assert.deepEqual(await notify(all[which], makeEvent("sync-finished")), ignored);
    });

    test("rejects a data-changed that Kombo did not sign", async () => {
      const event = dataChanged(await connected(customer("unsigned")));
      const rejected = [401, { error: "not-signed" }];
      for (const secret of ["another secret", ""]) {
        assert.deepEqual(await notify(all[which], event, secret), rejected);
      }
      const body = bodyOf(event);
      const signature = sign(body, SECRET);
      for (const [sent, headers] of [
        [body, {}],
        [body, { [SIGNATURE_HEADER]: "not base64url!" }],
        [JSON.stringify(event), { [SIGNATURE_HEADER]: signature }],
      ]) {
        assert.deepEqual(await post(all[which], sent, headers), rejected);
      }
    });

    test("asks the browser and Kombo to try again while kombo-edge gives it no access", async () => {
      const again = [503, { error: "try-again" }];
      const unauthorized = all.unauthorized[which];
      assert.deepEqual(await employees(unauthorized, customer("anyone")), again);
      assert.deepEqual(await notify(unauthorized, dataChanged("hibob:any")), again);
    });
  });
}

describe("the worker example, while Workers KV lags", { concurrency: true }, () => {
  test("trusts a positive answer from Workers KV", async () => {
    const id = await connected("kv-yes");
    await distort("customer:kv-yes", (value) => value.replaceAll(id, "hibob:only-in-kv"));
    await employees(all.worker, "kv-yes");
    assert.equal(callsWith("hibob:only-in-kv").length, 1);
    await distort(`integration:${id}`, (value) => value.replace('"kv-yes"', '"only-in-kv"'));
    assert.equal((await notify(all.worker, dataChanged(id)))[1].customer, "only-in-kv");
  });

  test("queries the object while Workers KV has nothing yet", async () => {
    const id = await connected("kv-none");
    const kv = await all.edge.kv();
    await kv.delete("customer:kv-none");
    await kv.delete(`integration:${id}`);
    assert.deepEqual(await employees(all.worker, "kv-none"), [200, FIRST_PAGE]);
    assert.equal((await notify(all.worker, dataChanged(id)))[1].customer, "kv-none");
  });

  test("queries the object before it rejects a customer or an event", async () => {
    const id = await connected("kv-no");
    await distort("customer:kv-no", (value) => value.replace('"usable":true', '"usable":false'));
    assert.deepEqual(await employees(all.worker, "kv-no"), [200, FIRST_PAGE]);
    await distort(`integration:${id}`, (value) => value.replace('"kv-no"', "null"));
    assert.equal((await notify(all.worker, dataChanged(id)))[1].customer, "kv-no");
  });

  test("queries the object when Workers KV fails", async () => {
    const id = await connected("kv-broken");
    await distort("customer:kv-broken", () => "not JSON");
    await distort(`integration:${id}`, () => "not JSON");
    assert.deepEqual(await employees(all.worker, "kv-broken"), [200, FIRST_PAGE]);
    assert.equal((await notify(all.worker, dataChanged(id)))[1].customer, "kv-broken");
  });
});

describe("the examples", { concurrency: true }, () => {
  test("read all pages of customers", async () => {
    const mine = ["paged-1", "paged-2", "paged-3"];
    await Promise.all(mine.map((originId) => connected(originId, { organization: "Acme, Inc." })));
    await eventually(async () => (await keys(all.edge, "customer:paged-")).length === mine.length);
    const { stdout } = await run("node", ["customers.mjs", "2"], {
      cwd: all.folders.node,
      env: { PATH: process.env.PATH, ...TOKENS, KOMBO_EDGE_URL: String(all.edge.url) },
    });
    assert.deepEqual(
      stdout.split("\n").filter((line) => line.startsWith("paged-")),
      mine.map((originId) => `${originId}\tAcme, Inc.\thibob (no state yet)`),
    );
  });

  test("bind to a kombo-edge that `npm start` would run, under `wrangler dev`", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "kombo-edge-registry-"));
    t.after(() => rmSync(folder, { recursive: true }));
    // A developer's own instance must not be found, and Cloudflare must not be called.
    Object.assign(process.env, { HOME: folder, XDG_CONFIG_HOME: join(folder, "configuration") });
    process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
    await startTestbed(t, { announce: true });
    const configPath = join(root, "examples", "worker", "wrangler.toml");
    const { env, dispose } = await getPlatformProxy({ configPath, persist: false });
    t.after(dispose);
    assert.equal(await env.KOMBO_EDGE.customer("36123"), null);
    await assert.rejects(async () => await env.KOMBO_EDGE.customer(""), /problem:bad-id/);
  });

  test("say which settings are missing", async () => {
    const starting = run("node", ["server.mjs"], {
      cwd: all.folders.node,
      env: { PATH: process.env.PATH, PORT: "0", SESSION_SECRET: " " },
    });
    await assert.rejects(starting, ({ code, stderr }) => {
      assert.match(stderr, /missing: KOMBO_EDGE_URL, .*, SESSION_SECRET\./);
      return code === 1;
    });
  });

  test("pass the type check", async () => {
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const checking = run("node", [tsc, "--noEmit"], { cwd: all.folders.worker });
    await checking.catch(({ stdout }) => assert.fail(stdout));
  });

  for (const which of ["worker", "node"]) {
    test(`pass their own tests: ${which}`, async () => {
      // Otherwise the runner would take this for a part of its own run.
      const { NODE_TEST_CONTEXT: _, ...env } = process.env;
      const { stdout } = await run("node", ["--test"], { cwd: all.folders[which], env }).catch(
        ({ stdout, stderr }) => assert.fail(stdout + stderr),
      );
      assert.match(stdout, /^# pass 4$/m);
    });
  }

  test("pin the same versions as the project", () => {
    const pinned = (path) => {
      const file = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
      return { ...file.dependencies, ...file.devDependencies };
    };
    const ours = pinned("../package.json");
    for (const [name, version] of Object.entries(pinned("../examples/worker/package.json"))) {
      assert.equal(version, ours[name], name);
    }
  });
});

// Another Worker that reads through a service binding to the entrypoint `ReadApi`: directly, and with the
// client. Both Workers run on the real runtime.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { compatibilityDate, KV_NAMESPACES } from "../dev/worker.mjs";
import { TOKENS, ask, deliver, document, eventually, key, makeEvent } from "./testbed.mjs";
import { failure, post, seenByKv, silenceReads, startTestbed } from "./testbed.mjs";

const METHODS = ["customer", "integration", "customers", "incidents", "unassigned", "quarantine"];

/** Errors cross a binding differently before this date. */
const BEFORE_RICH_ERRORS = "2026-01-01";

let script;
before(async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("service-caller.mjs", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  script = outputFiles[0].text;
});

/** The caller, with a binding for each name that has these props, or none. */
const caller = (services, options) => ({
  name: "caller",
  modulesRoot: "/",
  modules: [{ type: "ESModule", path: "/index.js", contents: script }],
  compatibilityDate: compatibilityDate(),
  kvNamespaces: KV_NAMESPACES,
  serviceBindings: Object.fromEntries(
    Object.entries(services).map(([name, props]) => [
      name,
      { name: "kombo-edge", entrypoint: "ReadApi", props },
    ]),
  ),
  ...options,
});

const READING = { EDGE: { access: "read" } };

/** Lets the caller call a method. Comes to `{ value }` or `{ error }`. */
async function call(edge, method, args, options) {
  const { fetch } = await edge.worker("caller");
  const body = JSON.stringify({ binding: "EDGE", method, args, ...options });
  return (await fetch("http://caller/", { method: "POST", body })).json();
}

/** Starts both. `services` are the caller's bindings; see `caller`. */
const startBoth = (t, { services = READING, callerOptions, ...options } = {}) =>
  startTestbed(t, { beside: [caller(services, callerOptions)], ...options });

/** One of everything that can be read. */
async function fill(edge) {
  await deliver(
    edge,
    makeEvent("integration-created", { originId: "a/b 🦉", integrationId: "x:1" }),
  );
  await deliver(edge, makeEvent("integration-created:nulls", { integrationId: "sandbox:2" }));
  await deliver(edge, failure("42"));
  const broken = makeEvent("integration-created");
  delete broken.data.id;
  await deliver(edge, broken);
  await document(edge, "customer:a/b 🦉");
  for (const prefix of ["incident:", "unassigned:", "quarantine:"]) await key(edge, prefix);
}

describe("a Worker with a service binding", { concurrency: true }, () => {
  test("reads what the HTTP API answers, without a token", async (t) => {
    const { edge } = await startBoth(t, { bindings: TOKENS });
    await fill(edge);
    for (const [method, args, path] of [
      ["customer", ["a/b 🦉"], `customers/${encodeURIComponent("a/b 🦉")}`],
      ["integration", ["x:1"], "integrations/x%3A1"],
      ["customers", [], "customers"],
      ["customers", [{ limit: 1, cursor: null }], "customers?limit=1"],
      ["incidents", [], "incidents"],
      ["unassigned", [], "unassigned"],
      ["quarantine", [], "quarantine"],
    ]) {
      const { value, error } = await call(edge, method, args);
      assert.equal(error, undefined);
      assert.deepEqual(value, await (await ask(edge, `/v1/${path}`)).json(), method);
      assert.ok(value.integrations?.length !== 0 && value[method]?.length !== 0, method);
    }
  });

  test("needs no token to be configured", async (t) => {
    const { edge } = await startBoth(t);
    assert.equal((await ask(edge, "/v1/customers/42")).status, 503);
    assert.deepEqual(await call(edge, "customer", ["42"]), { value: null });
    assert.deepEqual(await call(edge, "integration", ["x:1"]), { value: null });
  });

  test("reads nothing unless the props of its binding give access", async (t) => {
    const services = { NONE: undefined, OTHER: { access: "write" }, FULL: { access: "full" } };
    const { edge } = await startBoth(t, { services });
    await fill(edge);
    for (const binding of ["NONE", "OTHER"]) {
      for (const method of METHODS) {
        const { value, error } = await call(edge, method, ["x:1"], { binding });
        assert.equal(value, undefined, method);
        assert.match(error.message, /^urn:kombo-edge:problem:no-access: The service binding must/);
      }
    }
    const { value } = await call(edge, "integration", ["x:1"], { binding: "FULL" });
    assert.equal(value.integration_id, "x:1");
  });

  test("can call nothing else", async (t) => {
    const { edge } = await startBoth(t);
    for (const method of ["callMethod", "callLost", "handle", "erase", "status", "env", "ctx"]) {
      const { value, error } = await call(edge, method, ["customer", "[]", "{}"]);
      assert.equal(value, undefined, method);
      assert.match(error.message, /does not implement the method|not a function/, method);
    }
    const { error } = await call(edge, "fetch", ["http://kombo-edge/healthz"]);
    assert.match(error.message, /does not export a fetch/);
  });

  test("is told which argument is invalid", async (t) => {
    const { edge } = await startBoth(t);
    for (const [method, argument, problem] of [
      ["customer", "", "bad-id"],
      ["customer", 42, "bad-id"],
      ["customer", undefined, "bad-id"],
      ["integration", "x".repeat(501), "bad-id"],
      ["customers", { limit: 0 }, "bad-limit"],
      ["incidents", { limit: "ten" }, "bad-limit"],
    ]) {
      const { error } = await call(edge, method, [argument]);
      assert.ok(error.message.startsWith(`urn:kombo-edge:problem:${problem}: `), error.message);
      assert.equal(error.name, "KomboEdgeProblem");
    }
  });

  test("uses the client: Workers KV first, and the object before a no", async (t) => {
    const { edge } = await startBoth(t);
    await fill(edge);
    const current = async (kv) =>
      (await call(edge, "current", ["a/b 🦉", "HRIS"], { client: true, kv })).value;
    assert.equal((await current(true)).id, "x:1");
    const namespace = await edge.kv();
    const stored = await namespace.get("customer:a/b 🦉");
    await namespace.put("customer:a/b 🦉", stored.replaceAll("x:1", "only-in:kv"));
    assert.equal((await current(true)).id, "only-in:kv");
    await namespace.put("customer:a/b 🦉", stored.replace('"usable":true', '"usable":false'));
    assert.equal((await current(true)).id, "x:1");
    await namespace.delete("customer:a/b 🦉");
    assert.equal((await current(true)).id, "x:1");
    assert.equal((await current(false)).id, "x:1");
  });

  for (const date of [compatibilityDate(), BEFORE_RICH_ERRORS]) {
    test(`gets typed errors from the client with the compatibility date ${date}`, async (t) => {
      const { edge } = await startBoth(t, {
        services: { ...READING, NONE: undefined },
        callerOptions: { compatibilityDate: date },
      });
      const client = true;
      const rejected = await call(edge, "customer", ["42"], { client, binding: "NONE" });
      assert.deepEqual([rejected.error.name, rejected.error.code], ["AccessError", "no-access"]);
      const invalid = await call(edge, "customer", [""], { client });
      assert.deepEqual([invalid.error.name, invalid.error.code], ["RequestError", "bad-id"]);
    });
  }

  test("is told that its binding lacks the entrypoint", async (t) => {
    const beside = caller({});
    beside.serviceBindings = { EDGE: "kombo-edge", OBJECT: { name: "caller" } };
    const { edge } = await startTestbed(t, { beside: [beside] });
    for (const binding of ["EDGE", "OBJECT"]) {
      const { error } = await call(edge, "customer", ["42"], { client: true, binding });
      assert.equal(error.message, 'the service binding needs `entrypoint = "ReadApi"`');
      assert.equal(error.name, "RequestError");
    }
  });

  test("gets an answer when the instance is lost while its call is in flight", async (t) => {
    const { edge } = await startBoth(t, {
      buildDir: fileURLToPath(new URL("../build-panics", import.meta.url)),
      bindings: { FORCED_PANICS: "yes" },
      wrappers: ["faulty-kv"],
    });
    await silenceReads(edge);
    const waiting = call(edge, "customers");
    const isReading = async () => (await seenByKv(edge)).reads.includes("list");
    await eventually(isReading, "the list that is never answered");
    const panic = makeEvent("connection-flow-failed", { organization: "forced panic in fetch" });
    assert.equal((await post(edge, JSON.stringify(panic))).status, 503);
    const { error } = await waiting;
    assert.match(error.message, /^urn:kombo-edge:problem:no-reply: /);
  });
});

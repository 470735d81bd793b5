// The client for backends, packages/client, with stand-ins for what it reads. Its use of the real Worker is
// in service-binding.test.mjs.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { capture } from "../scripts/command.mjs";
import { inProject } from "../scripts/project.mjs";
import {
  AccessError,
  createClient,
  KomboEdgeError,
  RequestError,
  UnavailableError,
} from "../packages/client/index.js";

const example = (name) =>
  JSON.parse(readFileSync(inProject("contract", "examples", `${name}.json`), "utf8"));

const INTEGRATION = example("integration");

/** A customer whose only HRIS integration is in a state. */
function customer(revision, { usable = true } = {}) {
  const document = example("customer");
  const [first] = document.integrations;
  const integrations = [{ ...first, category: "HRIS", usable }];
  return { ...document, integrations, current: { HRIS: first.id }, revision };
}

/** Workers KV with these values, which may be changed. A function is called. */
function namespaceOf(values) {
  const reads = [];
  return {
    values,
    reads,
    async get(key, options) {
      reads.push({ key, options });
      const value = values[key] ?? null;
      return typeof value === "function" ? value() : structuredClone(value);
    },
  };
}

/** A service binding whose methods return these values. A function is called. */
function bindingOf(values) {
  const calls = [];
  const method = (name) => async (argument) => {
    calls.push([name, argument]);
    const value = values[name] ?? null;
    return typeof value === "function" ? value() : value;
  };
  const names = ["customer", "integration", "customers"];
  return { values, calls, ...Object.fromEntries(names.map((name) => [name, method(name)])) };
}

const fails = (error) => () => Promise.reject(error);
const never = () => new Promise(() => {});

describe("the client, with Workers KV and a service binding", () => {
  const KEY = "customer:36123";

  test("uses a yes from Workers KV and does not ask the object", async () => {
    const kv = namespaceOf({ [KEY]: customer(7), "integration:hibob:1": INTEGRATION });
    const service = bindingOf({});
    const client = createClient({ kv, service });
    assert.equal((await client.current("36123", "HRIS")).usable, true);
    assert.deepEqual(await client.customer("36123"), customer(7));
    assert.deepEqual(await client.integration("hibob:1"), INTEGRATION);
    assert.deepEqual(service.calls, []);
    assert.deepEqual(kv.reads[0], { key: KEY, options: { type: "json", cacheTtl: 30 } });
  });

  for (const [no, value] of [
    ["has no document", null],
    ["has an integration that cannot be called", customer(7, { usable: false })],
    ["has no integration of the category", { ...customer(7), current: {} }],
  ]) {
    test(`asks the object while Workers KV ${no}`, async () => {
      const service = bindingOf({ customer: customer(8) });
      const client = createClient({ kv: namespaceOf({ [KEY]: value }), service });
      assert.equal((await client.current("36123", "HRIS")).usable, true);
      assert.deepEqual(service.calls, [["customer", "36123"]]);
    });
  }

  test("asks the object while Workers KV has no customer for an integration", async () => {
    const unassigned = { ...INTEGRATION, origin_id: null };
    const service = bindingOf({ integration: INTEGRATION });
    const client = createClient({
      kv: namespaceOf({ "integration:hibob:1": unassigned }),
      service,
    });
    assert.deepEqual(await client.integration("hibob:1"), INTEGRATION);
  });

  test("says no only if the object does", async () => {
    const client = createClient({ kv: namespaceOf({}), service: bindingOf({}) });
    assert.equal(await client.customer("36123"), null);
    assert.equal(await client.current("36123", "HRIS"), null);
    assert.equal(await client.integration("hibob:1"), null);
  });

  test("asks the object when Workers KV fails or does not answer, and reports that", async () => {
    const errors = [];
    const kv = namespaceOf({ [KEY]: fails(new Error("KV GET failed: 503")) });
    const service = bindingOf({ customer: customer(8) });
    const onKvError = (error) => errors.push(error);
    const client = createClient({ kv, service, onKvError, timeoutMs: 20 });
    assert.equal((await client.customer("36123")).revision, 8);
    kv.values[KEY] = never;
    assert.equal((await client.customer("36123")).revision, 8);
    assert.deepEqual(
      errors.map((error) => [error instanceof UnavailableError, error.cause.message]),
      [
        [true, "KV GET failed: 503"],
        [true, "no answer within 20 ms"],
      ],
    );
  });

  test("never turns a failure of the object into a no", async () => {
    const service = bindingOf({ customer: fails(new Error("the Worker threw")) });
    const client = createClient({ kv: namespaceOf({}), service });
    await assert.rejects(client.current("36123", "HRIS"), UnavailableError);
  });

  test("ignores a revision from Workers KV that is lower than one it has seen", async () => {
    const kv = namespaceOf({});
    const service = bindingOf({ customer: customer(8) });
    const client = createClient({ kv, service });
    assert.equal((await client.current("36123", "HRIS")).usable, true);
    kv.values[KEY] = customer(7, { usable: false });
    service.values.customer = fails(new Error("down"));
    assert.equal((await client.current("36123", "HRIS")).usable, true);
    assert.equal((await client.customer("36123")).revision, 8);
    kv.values[KEY] = customer(9);
    assert.equal((await client.customer("36123")).revision, 9);
  });

  test("remembers a bounded number of documents", async () => {
    const kv = namespaceOf({ [KEY]: customer(8) });
    const client = createClient({ kv });
    await client.customer("36123");
    for (let id = 0; id < 1_000; id += 1) {
      kv.values[`customer:${id}`] = customer(1);
      await client.customer(String(id));
    }
    kv.values[KEY] = customer(7);
    assert.equal((await client.customer("36123")).revision, 7);
  });
});

describe("the client, with Workers KV alone", () => {
  test("returns what Workers KV has, a no as well", async () => {
    const kv = namespaceOf({ "customer:36123": customer(7, { usable: false }) });
    const client = createClient({ kv });
    assert.equal((await client.current("36123", "HRIS")).usable, false);
    assert.equal(await client.current("36123", "ATS"), null);
    assert.equal(await client.customer("42"), null);
  });

  test("throws when Workers KV fails", async () => {
    const client = createClient({ kv: namespaceOf({ "customer:42": fails(new Error("503")) }) });
    await assert.rejects(client.customer("42"), UnavailableError);
  });

  test("lists customers with what their metadata says, page by page", async () => {
    const { updated_at, ...metadata } = example("customer-summary");
    const pages = [
      { keys: [{ name: "customer:a:b", metadata }], list_complete: false, cursor: "next" },
      { keys: [], list_complete: false, cursor: "last" },
      { keys: [{ name: "customer:c" }], list_complete: true },
    ];
    const asked = [];
    const kv = { list: async (options) => (asked.push(options), pages[asked.length - 1]) };
    const listed = await Array.fromAsync(createClient({ kv }).customers({ pageSize: 1 }));
    assert.deepEqual(listed, [{ origin_id: "a:b", ...metadata }, { origin_id: "c" }]);
    assert.deepEqual(
      asked.map(({ prefix, limit, cursor }) => [prefix, limit, cursor]),
      [
        ["customer:", 1, null],
        ["customer:", 1, "next"],
        ["customer:", 1, "last"],
      ],
    );
  });
});

describe("the client, over HTTP", () => {
  /** A client whose requests get these responses in turn. */
  function clientFor(...responses) {
    const requests = [];
    const fetch = async (url, init) => {
      requests.push({ url, init });
      const response = responses.shift();
      return typeof response === "function" ? response(init) : response;
    };
    const options = { url: "https://kombo-edge.example", token: "read-token", timeoutMs: 50 };
    return { requests, client: createClient({ ...options, fetch }) };
  }

  const problem = (name) => {
    const body = example(`problem-${name}`);
    return Response.json(body, { status: body.status });
  };

  test("sends the token, and an id as a path has it", async () => {
    const { client, requests } = clientFor(Response.json(customer(7)), problem("nothing"));
    assert.equal((await client.customer("a/b ü")).revision, 7);
    assert.equal(await client.integration("hibob:\ud83d"), null);
    assert.deepEqual(
      requests.map(({ url }) => url),
      [
        "https://kombo-edge.example/v1/customers/a%2Fb%20%C3%BC",
        "https://kombo-edge.example/v1/integrations/hibob%3A%EF%BF%BD",
      ],
    );
    assert.equal(requests[0].init.headers.authorization, "Bearer read-token");
    assert.equal(requests[0].init.redirect, "manual");
  });

  for (const [what, response, type, code] of [
    ["its token is rejected", problem("token"), AccessError, "token"],
    ["the API is disabled", problem("api-disabled"), AccessError, "api-disabled"],
    ["the id is invalid", problem("bad-id"), RequestError, "bad-id"],
    ["another server answers", new Response("<h1>404</h1>", { status: 404 }), RequestError, null],
    ["the path does not exist", problem("not-found"), RequestError, "not-found"],
    ["it is redirected", new Response(null, { status: 302 }), RequestError, null],
    ["there is no reply", problem("no-reply"), UnavailableError, "no-reply"],
    ["a proxy fails", new Response("<h1>502</h1>", { status: 502 }), UnavailableError, null],
    ["there are too many requests", new Response("", { status: 429 }), UnavailableError, null],
    ["the response is cut", new Response('{"schema":1,'), UnavailableError, null],
    ["the connection fails", fails(new TypeError("fetch failed")), UnavailableError, null],
  ]) {
    test(`if ${what}, the error is: ${type.prototype.name}`, async () => {
      await assert.rejects(clientFor(response).client.customer("42"), (error) => {
        assert.equal(error.constructor, type);
        assert.ok(error instanceof KomboEdgeError);
        assert.deepEqual([error.name, error.code], [type.prototype.name, code]);
        return true;
      });
    });
  }

  test("throws an UnavailableError if there is no answer in time", async (t) => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close() && server.closeAllConnections());
    const url = `http://127.0.0.1:${server.address().port}`;
    const client = createClient({ url, token: "read-token", timeoutMs: 50 });
    await assert.rejects(client.customer("42"), ({ constructor, cause }) => {
      assert.deepEqual([constructor, cause.name], [UnavailableError, "TimeoutError"]);
      return true;
    });
  });

  test("lists customers page by page", async () => {
    const page = (cursor, ...ids) =>
      Response.json({ customers: ids.map((origin_id) => ({ origin_id })), cursor });
    const { client, requests } = clientFor(page("a&b", "1", "2"), page("c"), page(null, "3"));
    const listed = await Array.fromAsync(client.customers({ pageSize: 2 }));
    assert.deepEqual(
      listed.map(({ origin_id }) => origin_id),
      ["1", "2", "3"],
    );
    assert.deepEqual(
      requests.map(({ url }) => new URL(url).search),
      ["?limit=2&cursor=", "?limit=2&cursor=a%26b", "?limit=2&cursor=c"],
    );
  });
});

describe("the client, over a service binding", () => {
  test("finds the problem in the message of an error, which is all that crosses a binding", async () => {
    for (const [name, type] of [
      ["no-access", AccessError],
      ["bad-id", RequestError],
      ["no-reply", UnavailableError],
    ]) {
      const { type: urn, detail } = example(`problem-${name}`);
      const error = new Error(`KomboEdgeProblem: ${urn}: ${detail}`);
      const client = createClient({ service: bindingOf({ customer: fails(error) }) });
      await assert.rejects(client.customer("42"), ({ constructor, code, message, cause }) => {
        assert.deepEqual([constructor, code, cause], [type, name, error]);
        assert.equal(message, `kombo-edge answered: ${detail}`);
        return true;
      });
    }
  });

  test("throws an UnavailableError if there is no answer in time", async () => {
    const client = createClient({ service: bindingOf({ customer: never }), timeoutMs: 20 });
    await assert.rejects(client.customer("42"), UnavailableError);
  });
});

test("a client needs a way to read, and never sends a token in the clear", () => {
  const url = "https://kombo-edge.example";
  for (const [options, message] of [
    [{}, /needs `kv`, `service`, or `url`/],
    [{ url }, /needs a `token`/],
    [{ url, token: "" }, /needs a `token`/],
    [{ url: "http://kombo-edge.example", token: "read-token" }, /must be https/],
  ]) {
    assert.throws(() => createClient(options), message);
  }
  createClient({ url: "http://127.0.0.1:8787", token: "read-token" });
});

test("an id that is not a string is an error", async () => {
  const client = createClient({ kv: namespaceOf({}) });
  await assert.rejects(client.customer(42), TypeError);
  await assert.rejects(client.current(undefined, "HRIS"), TypeError);
});

test("the types of the client compile, and wrong uses are errors", () => {
  const tsc = inProject("node_modules", "typescript", "bin", "tsc");
  const strictly = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"];
  const modules = [
    "--target",
    "es2022",
    "--module",
    "nodenext",
    "--lib",
    "es2022,dom",
    "--skipLibCheck",
  ];
  const file = inProject("tests", "types", "reader.ts");
  const { ok, output } = capture(process.execPath, [
    ...[tsc, "--noEmit", ...strictly, ...modules, file],
  ]);
  assert.ok(ok, output);
});

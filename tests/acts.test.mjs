// The links in messages, and the pages behind them, on the real runtime: a person takes an incident, mutes
// it, sends a new link, closes it. What the pages say and what a link may do is tested in tests/machines;
// Kombo's API is a stand-in that Kombo's official client accepts.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Kombo } from "@kombo-api/sdk";
import { integration, startKombo } from "../dev/kombo-integrations.mjs";
import {
  deliver,
  document,
  eventually,
  failure,
  logged,
  makeEvent,
  startTestbed,
} from "./testbed.mjs";

const KEY = "kombo-key-0123456789";
const LINK_SECRET = "link-secret-0123456789-0123456789";
const ID = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";
const INCIDENT =
  "incident:customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g:connection:personio:HRIS";
const OWN = { "sec-fetch-site": "same-origin" };

async function startTestbedWithLinks(t, bindings = {}) {
  const kombo = await startKombo({ keys: { [KEY]: "env-1" }, knows: "all" });
  t.after(() => kombo.stop());
  const settings = { LINK_SECRET, KOMBO_API_KEY: KEY, KOMBO_API_URL: kombo.url, SILENCE_DAYS: "0" };
  const it = await startTestbed(t, { bindings: { ...settings, ...bindings } });
  return { kombo, ...it };
}

/** The URLs of all links in a message, by their labels. */
function linksIn(message) {
  const links = {};
  const visit = (value) => {
    if (value?.type === "link") links[value.text] ??= value.url;
    if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(message.json);
  return links;
}

/** The links of the first message about a failed connection of customer 36123. */
async function linksOfFailure({ edge, slack }) {
  await deliver(edge, failure("36123", { tool: "personio" }));
  const message = await eventually(() => slack.messages[0], "the message");
  return linksIn(message);
}

const pathOf = (url) => `${new URL(url).pathname}${new URL(url).search}`;

const submit = (edge, url, fields, headers = OWN) =>
  edge.fetch(pathOf(url), { method: "POST", body: new URLSearchParams(fields), headers });

describe("a link in a message", { concurrency: true }, () => {
  test("is in the very first one, at the address that Kombo delivered to", async (t) => {
    const it = await startTestbedWithLinks(t);
    const links = await linksOfFailure(it);
    for (const label of ["I’m on it", "Mute", "Send a new link", "Close"])
      assert.equal(new URL(links[label]).origin, new URL(it.edge.url).origin, label);
  });

  test("leads to PUBLIC_URL if it is set, and without LINK_SECRET there is none", async (t) => {
    const own = await startTestbedWithLinks(t, { PUBLIC_URL: "https://edge.example.com/" });
    const { "I’m on it": url } = await linksOfFailure(own);
    assert.match(url, /^https:\/\/edge\.example\.com\/act\?link=/);
    const without = await startTestbedWithLinks(t, { LINK_SECRET: "" });
    const links = await linksOfFailure(without);
    assert.deepEqual(Object.keys(links).sort(), [
      "Open Kombo's log of the attempt",
      "Write to the contact",
    ]);
    for (const path of ["/act", "/act/style.css", "/act/copy.js", pathOf(url)])
      assert.equal((await without.edge.fetch(path)).status, 404, path);
  });

  test("shows a page that changes nothing, and that no browser keeps, frames or reports", async (t) => {
    const it = await startTestbedWithLinks(t);
    const links = await linksOfFailure(it);
    const before = await document(it.edge, INCIDENT);
    for (const method of ["GET", "HEAD"]) {
      const response = await it.edge.fetch(pathOf(links.Close), { method });
      assert.equal(response.status, 200);
      const header = (name) => response.headers.get(name);
      assert.equal(header("content-type"), "text/html; charset=utf-8");
      assert.equal(header("cache-control"), "no-store");
      assert.equal(header("referrer-policy"), "no-referrer");
      assert.match(header("x-robots-tag"), /noindex/);
      assert.match(header("content-security-policy"), /default-src 'none'.*frame-ancestors 'none'/);
      assert.equal(header("set-cookie"), null);
    }
    assert.deepEqual(await document(it.edge, INCIDENT), before);
    const [page, ...files] = await Promise.all(
      [pathOf(links.Mute), "/act/style.css", "/act/copy.js"].map(async (path) => {
        const response = await it.edge.fetch(path);
        assert.equal(response.status, 200, path);
        return response.text();
      }),
    );
    const weight = [page, ...files].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    assert.ok(weight < 20 * 1024, `${weight} bytes`);
    const put = await it.edge.fetch("/act", { method: "PUT" });
    assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET, HEAD, POST"]);
  });

  test("takes the incident for the person who used it, whose browser remembers the name", async (t) => {
    const it = await startTestbedWithLinks(t);
    const { "I’m on it": url } = await linksOfFailure(it);
    const response = await submit(it.edge, url, { name: "Anna Nguyễn" });
    assert.equal(response.status, 200);
    const cookie = response.headers.get("set-cookie");
    assert.match(
      cookie,
      /^kombo_edge_name=Anna%20Nguy%E1%BB%85n; Path=\/act; .*HttpOnly; SameSite/,
    );
    const { assignee } = await document(it.edge, INCIDENT, ({ assignee }) => assignee !== null);
    assert.equal(assignee.name, "Anna Nguyễn");
    const line = await logged(it.log, "act", "done");
    assert.deepEqual([line.act, line.by, line.origin_id], ["take", "Anna Nguyễn", "36123"]);
    const again = await it.edge.fetch(pathOf(url), { headers: { cookie: cookie.split(";")[0] } });
    const page = await again.text();
    assert.match(page, /value="Anna Nguyễn"/);
    assert.match(page, /Anna Nguyễn has been on it for less than a minute/);
  });

  test("does nothing if another site sends its form, or if it is changed", async (t) => {
    const it = await startTestbedWithLinks(t);
    const { Close: url } = await linksOfFailure(it);
    const fields = { name: "Eve" };
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { origin: "https://evil.example" },
      { origin: "null" },
    ])
      assert.equal((await submit(it.edge, url, fields, headers)).status, 403);
    const forged = url.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    assert.equal((await submit(it.edge, forged, fields)).status, 403);
    assert.equal((await submit(it.edge, `${new URL(url).origin}/act`, fields)).status, 403);
    const large = await submit(it.edge, url, { name: "x".repeat(10_000) });
    assert.equal(large.status, 413);
    assert.ok(await document(it.edge, INCIDENT));
    const own = await submit(it.edge, url, fields, { origin: new URL(it.edge.url).origin });
    assert.equal(own.status, 200);
    await eventually(async () => !(await (await it.edge.kv()).get(INCIDENT)), "the closing");
  });
});

describe("a new link for a customer", { concurrency: true }, () => {
  test("connects the tool that failed, and is shown on the page alone", async (t) => {
    const it = await startTestbedWithLinks(t);
    const { "Send a new link": url } = await linksOfFailure(it);
    const response = await submit(it.edge, url, { name: "Anna" });
    const page = await response.text();
    assert.equal(response.status, 200, page);
    const [{ link, ...wanted }] = it.kombo.links;
    assert.ok(page.includes(`value="${link}"`), page);
    assert.equal(wanted.integration_tool, "personio");
    assert.equal(wanted.end_user_origin_id, "36123");
    assert.equal(wanted.link_type, "MAGIC_LINK");
    await document(it.edge, INCIDENT, ({ acts }) => acts[0]?.act === "send_link");
    for (const { message } of it.log) assert.ok(!message.includes(link), message);
    for (const { text } of it.slack.messages) assert.ok(!text.includes(link), text);
  });

  test("reconnects an integration that stopped working, without showing its id", async (t) => {
    const it = await startTestbedWithLinks(t);
    const about = { originId: "36123", integrationId: ID };
    await deliver(it.edge, makeEvent("integration-created", about));
    await deliver(it.edge, makeEvent("integration-state-changed", { ...about, state: "INVALID" }));
    const message = await eventually(() => it.slack.messages[0], "the message");
    const { "Send a new link": url } = linksIn(message);
    const response = await submit(it.edge, url, { name: "Anna" });
    assert.equal(response.status, 200);
    const [{ link, integrationId }] = it.kombo.links;
    assert.equal(integrationId, ID);
    assert.ok((await response.text()).includes(link));
  });

  test("that Kombo refuses is explained, and the log has the remedy", async (t) => {
    const it = await startTestbedWithLinks(t, { KOMBO_API_KEY: "a-wrong-key-0123456789" });
    const { "Send a new link": url } = await linksOfFailure(it);
    const response = await submit(it.edge, url, { name: "Anna" });
    assert.equal(response.status, 502);
    assert.match(await response.text(), /An engineer has to set KOMBO_API_KEY/);
    assert.match((await logged(it.log, "act", "failed")).reason, /set a key of this environment/);
  });
});

test("Kombo's official client accepts the links of the stand-in, and sends what the Worker sends", async (t) => {
  const kombo = await startKombo({
    keys: { [KEY]: "env-1" },
    integrations: { [ID]: integration(ID) },
  });
  t.after(() => kombo.stop());
  const client = new Kombo({ api_key: KEY, server_url: kombo.url });
  const created = await client.connect.createConnectionLink({
    end_user_email: "hr@acme.example",
    end_user_organization_name: "Acme, Inc.",
    end_user_origin_id: "36123",
    integration_category: "HRIS",
    integration_tool: "personio",
    language: "de",
    link_type: "MAGIC_LINK",
  });
  const relinked = await client.general.createReconnectionLink({
    integration_id: ID,
    body: { language: "en", link_type: "MAGIC_LINK" },
  });
  const links = kombo.links.map(({ link }) => link);
  assert.deepEqual([created.data.link, relinked.data.link], links);
  // The Worker sends these fields, and no others.
  const { enable_filtering, enable_field_mapping, link, ...sent } = kombo.links[0];
  assert.deepEqual([enable_filtering, enable_field_mapping, link], [false, false, links[0]]);
  assert.deepEqual(Object.keys(sent).sort(), [
    "end_user_email",
    "end_user_organization_name",
    "end_user_origin_id",
    "integration_category",
    "integration_tool",
    "language",
    "link_type",
  ]);
});

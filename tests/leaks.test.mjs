// The search for leaks, with a fake Worker that leaks on purpose: the search finds what it looks for. The
// real Worker is searched in every test that uses a testbed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SIGNATURE_HEADER, makeEvent, sign } from "../dev/kombo.mjs";
import { lookForLeaks } from "./leaks.mjs";

const SECRETS = {
  KOMBO_WEBHOOK_SECRET: "old-secret-of-kombo new-secret-of-kombo",
  SLACK_WEBHOOK_URL: "https://hooks.slack.example/services/T000/B000/path",
  SLACK_OPS_URL: "https://hooks.slack.example/services/T000/B001/path",
  API_TOKEN: "full-token-0123456789",
  API_READ_TOKEN: "read-token-0123456789",
  KOMBO_API_KEY: "key-of-kombo-0123456789",
};
const ABOUT = { email: "canary@example.com", organization: "Canary & Sons" };
const ID = "hibob:Canary/1";
const EVENT = makeEvent("integration-created", { ...ABOUT, integrationId: ID });
const BODY = JSON.stringify(EVENT, null, 2);
const SIGNATURE = sign(BODY, "new-secret-of-kombo");

/** A search that knows all of these values, and a Worker that gives this answer. */
async function startSearch(answer = {}) {
  const { status = 200, type = "application/json", text = "{}" } = answer;
  const leaks = lookForLeaks();
  leaks.configure(SECRETS);
  const headers = { "content-type": type };
  const fetch = leaks.seen(async () => new Response(text, { status, headers }));
  const quiet = leaks.seen(async () => new Response("{}"));
  const delivery = { body: BODY, headers: { [SIGNATURE_HEADER]: SIGNATURE } };
  await quiet("/webhooks/kombo", delivery);
  return { leaks, fetch };
}

const NEVER = {
  ...SECRETS,
  "one of two": "old-secret-of-kombo",
  "the path of a webhook": "/services/T000/B001/path",
  "a signature": SIGNATURE,
  "a body": BODY,
  "a body in JSON": JSON.stringify({ reason: BODY }),
};
const PERSONAL = { "an address": ABOUT.email, "a name": ABOUT.organization };
const INTEGRATION = {
  "an id": ID,
  "an id in a URL": `https://x/${encodeURIComponent(ID)}`,
  "an id in JSON": JSON.stringify({ id: ID }),
};

/** Everything that a place must not show, and what it may. */
const PLACES = {
  log: { not: { ...NEVER, ...PERSONAL, ...INTEGRATION }, but: {} },
  output: { not: { ...NEVER, ...PERSONAL, ...INTEGRATION }, but: {} },
  slack: { not: { ...NEVER, ...INTEGRATION }, but: PERSONAL },
  open: { not: { ...NEVER, ...PERSONAL, ...INTEGRATION }, but: {} },
  read: { not: { ...NEVER, "an address": ABOUT.email }, but: INTEGRATION },
  copy: { not: NEVER, but: { ...INTEGRATION, ...PERSONAL } },
};

test("a leak of any kind is found in any place", async () => {
  for (const [place, { not, but }] of Object.entries(PLACES)) {
    for (const [what, text] of Object.entries(not)) {
      const parts = what.startsWith("KOMBO_WEBHOOK") ? text.split(" ") : [text];
      for (const part of parts) {
        const { leaks } = await startSearch();
        leaks.look(place, `before ${part} after`);
        assert.throws(() => leaks.assertNone(), /nothing leaks/, `${place}: ${what}`);
      }
    }
    const { leaks } = await startSearch();
    for (const text of Object.values(but)) leaks.look(place, text);
    leaks.look(place, `{"origin_id":"${EVENT.data.end_user.origin_id}","event_id":"${EVENT.id}"}`);
    leaks.assertNone();
  }
});

test("what a response may show depends on its token, its path and its status", async () => {
  const token = (value) => ({ headers: { authorization: `Bearer ${value}` } });
  const answer = { text: JSON.stringify({ id: ID }) };
  for (const [path, init, status, isLeak] of [
    ["/v1/integrations/x", token(SECRETS.API_READ_TOKEN), 200, false],
    ["/v1/integrations/x", token("another-token-0123456789"), 200, true],
    ["/v1/integrations/x", {}, 200, true],
    ["/v1/integrations/x", token(SECRETS.API_TOKEN), 400, true],
    ["/healthz", token(SECRETS.API_TOKEN), 200, true],
    ["/webhooks/kombo", { body: BODY, headers: { [SIGNATURE_HEADER]: SIGNATURE } }, 200, true],
  ]) {
    const { leaks, fetch } = await startSearch({ ...answer, status });
    await fetch(path, init);
    assert.equal(leaks.found.length > 0, isLeak, `${path} ${status}`);
  }
});

test("an error that says more than the contract's is found", async () => {
  const problem = { type: "urn:kombo-edge:problem:not-found", title: "Not found", status: 404 };
  const expected = { ...problem, detail: "There is no resource at this path." };
  for (const [text, found] of [
    [expected, 0],
    [{ ...expected, detail: "Nothing is at /secret/path." }, 1],
    [{ ...expected, instance: "/secret/path" }, 1],
  ]) {
    const type = "application/problem+json";
    const { leaks, fetch } = await startSearch({ status: 404, type, text: JSON.stringify(text) });
    await fetch("/secret/path");
    assert.equal(leaks.found.length, found, JSON.stringify(text));
  }
});

test("raw output is searched line by line, in whatever pieces it arrives", async () => {
  const { leaks } = await startSearch();
  const [out, errors] = [leaks.output(), leaks.output()];
  out("nothing yet hib");
  errors("ob:Canary/1\n");
  leaks.assertNone();
  out("ob:Canary/1\nmore\n");
  assert.equal(leaks.found.length, 1);
});

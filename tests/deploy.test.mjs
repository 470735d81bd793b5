// Deployment: the sections of wrangler.toml are alike and wrangler accepts them; and `npm run setup`, run
// as a user would run it, with a stand-in for wrangler and the local Worker in place of the deployed one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { after, describe, test } from "node:test";
import { parse as parseToml } from "smol-toml";
import { DEPLOYMENTS, TOP, deployment, template } from "../scripts/deploy/configuration.mjs";
import { firstEvent } from "../scripts/deploy/first-event.mjs";
import { isPastedBadly } from "../scripts/deploy/keys.mjs";
import { onTerminal } from "../scripts/deploy/questions.mjs";
import { gather } from "../scripts/deploy/secrets.mjs";
import { inProject } from "../scripts/project.mjs";
import { SECRET, TOKENS, eventually, failure, post, startTestbed } from "./testbed.mjs";

// The types of events that the Worker handles, from its own table.
const source = readFileSync(inProject("src", "contracts", "kombo", "event.rs"), "utf8");
const EVENTS = [...source.matchAll(/^pub\(super\) const [A-Z_]+: &str = "([a-z-]+)";$/gm)].map(
  ([, type]) => type,
);
const WEBHOOK_URL = "https://hooks.slack.com/services/T000/B000/very-secret";
const GIVEN = { KOMBO_WEBHOOK_SECRET: SECRET, SLACK_WEBHOOK_URL: WEBHOOK_URL, ...TOKENS };

/** TOML as plain values, which can be compared. */
const parse = (toml) => structuredClone(parseToml(toml));

/** Runs a program. `ended` resolves to its exit code, and `printed` grows until then. */
function start(program, args, { env = {}, input } = {}) {
  const child = spawn(program, args, { cwd: inProject(), env: { ...process.env, ...env } });
  const it = { printed: "", child };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => (it.printed += text));
  child.stdin.end(input);
  it.ended = new Promise((resolve) => child.once("close", resolve));
  return it;
}

describe("wrangler.toml", { concurrency: true }, () => {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-no-build-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  // The build exists already, and building is not part of this test.
  writeFileSync(join(folder, "npm"), "#!/bin/sh\nexit 0\n");
  chmodSync(join(folder, "npm"), 0o755);

  for (const key of Object.keys(DEPLOYMENTS)) {
    test(`wrangler accepts ${key}, with every binding`, async () => {
      const section = key === TOP ? "" : key;
      const { ended, ...it } = await run(["deploy", "--dry-run", `--env=${section}`]);
      assert.equal(await ended, 0, it.printed);
      for (const binding of ["MAPPINGS", "INTEGRATIONS", "CUSTOMERS", "NOTIFIER"])
        assert.match(it.printed, new RegExp(`env\\.${binding} `), it.printed);
      assert.match(it.printed, new RegExp(`env.ENVIRONMENT \\("${key.replace("-us", "")}"\\)`));
      assert.equal(/api\.us\.kombo\.dev/.test(it.printed), key.endsWith("-us"));
    });
  }

  async function run(args) {
    const env = {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      WRANGLER_SEND_METRICS: "false",
      // Disables the check for a newer wrangler.
      NO_UPDATE_NOTIFIER: "1",
    };
    const it = start(inProject("node_modules", ".bin", "wrangler"), args, { env });
    await it.ended;
    return it;
  }

  test("has sections that differ only in their names and variables", () => {
    const { env, ...top } = template();
    assert.deepEqual([TOP, ...Object.keys(env)].sort(), Object.keys(DEPLOYMENTS).sort());
    for (const [key, section] of Object.entries(env)) {
      const { name, vars, ...same } = section;
      const { kv_namespaces, durable_objects } = top;
      assert.deepEqual(same, { kv_namespaces, durable_objects }, key);
      assert.deepEqual(
        Object.keys(top.vars).filter((name) => !(name in vars)),
        [],
        key,
      );
    }
    const all = Object.keys(DEPLOYMENTS).map(deployment);
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length, "each has its own name");
  });
});

/** An account at the stand-in for wrangler, and the setup to run against it under the test's own name. */
function account(t, url, facts = {}) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-wrangler-"));
  const name = `test-${randomUUID()}`;
  const file = inProject(`wrangler.${name}.toml`);
  const write = (more) =>
    writeFileSync(
      join(folder, "account.json"),
      JSON.stringify({ loggedIn: true, accounts: [{ id: "acme", name: "Acme" }], url, ...more }),
    );
  write(facts);
  t.after(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(file, { force: true });
  });
  const log = join(folder, "calls.ndjson");
  return {
    name,
    file,
    write,
    /** What the stand-in was called with, oldest first. */
    calls: () =>
      existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").map(JSON.parse) : [],
    clearCalls: () => rmSync(log, { force: true }),
    state: () => JSON.parse(readFileSync(join(folder, "account.json"), "utf8")),
    setUp: (args = [], { env = GIVEN, input } = {}) => {
      const none = { KOMBO_API_KEY: "", CLOUDFLARE_ACCOUNT_ID: "", ...env };
      const standIn = { WRANGLER: inProject("dev", "wrangler.mjs"), STAND_IN_FOLDER: folder };
      const program = inProject("bin", "kombo-edge.mjs");
      const all = [program, "setup", "--name", name, ...args];
      return start(process.execPath, all, { env: { ...none, ...standIn }, input });
    },
  };
}

const kinds = (calls) => calls.map(({ args }) => args.slice(0, 3).join(" "));

/** Waits until the setup ends, which must be with this exit code. Returns what it printed. */
async function done(it, code = 0) {
  assert.equal(await it.ended, code, it.printed);
  return it.printed;
}

describe("the setup", { concurrency: true }, () => {
  test("deploys, says what to enter in Kombo, and sees the first event arrive", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const at = account(t, String(edge.url));
    const it = at.setUp(["--jurisdiction", "eu", "--wait", "1"]);
    await eventually(
      () => /Waiting up to \d+ min for the first event/.test(it.printed),
      "the wait for the first event",
    );
    await post(edge, JSON.stringify(failure("42")));
    const printed = await done(it);
    assert.match(printed, /Kombo's events arrive; the last one came at 20/);
    assert.ok(printed.includes(`${edge.url}webhooks/kombo`), printed);
    assert.equal(EVENTS.length, 5);
    for (const type of EVENTS) assert.match(printed, new RegExp(`  ${type}$`, "m"));

    const { vars, account_id, kv_namespaces } = parse(readFileSync(at.file, "utf8"));
    assert.deepEqual(vars, { ENVIRONMENT: "production", JURISDICTION: "eu" });
    assert.equal(account_id, "acme");
    const [{ id, title }] = at.state().namespaces;
    assert.equal(title, `${at.name}-mappings`);
    assert.deepEqual(kv_namespaces, [{ binding: "MAPPINGS", id }]);
    const { args } = at.calls().find(({ args: [first] }) => first === "deploy");
    assert.ok(args.includes("--keep-vars"));
  });

  test("passes secrets to wrangler's standard input, and shows them nowhere", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const at = account(t, String(edge.url));
    const printed = await done(at.setUp(["--jurisdiction", "none"]));
    const calls = at.calls();
    const { input } = calls.find(({ args: [first] }) => first === "secret");
    const { LINK_SECRET: created, ...given } = JSON.parse(input);
    assert.deepEqual(given, GIVEN);
    assert.match(created, /^[\w-]{43}$/);
    const shown = [
      printed,
      readFileSync(at.file, "utf8"),
      JSON.stringify(calls.map((c) => c.args)),
    ];
    for (const secret of [...Object.values(GIVEN), created])
      for (const text of shown) assert.ok(!text.includes(secret), text);
  });

  test("can be repeated: nothing is created twice, and nothing is lost", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const at = account(t, String(edge.url));
    await done(at.setUp(["--jurisdiction", "eu"]));
    const first = readFileSync(at.file, "utf8");
    const edited = first.replace("\n[vars]", '\n[vars]\nSILENCE_DAYS = "3"');
    writeFileSync(at.file, `workers_dev = true\n${edited}`);
    at.clearCalls();
    await done(at.setUp([], { env: {} }));
    assert.deepEqual(kinds(at.calls()), [
      "whoami --json",
      "deployments status --name",
      `versions view version-of-${at.name}`,
      "deploy --config wrangler." + at.name + ".toml",
    ]);
    const { vars, workers_dev, ...rest } = parse(readFileSync(at.file, "utf8"));
    assert.deepEqual(vars, { ENVIRONMENT: "production", JURISDICTION: "eu", SILENCE_DAYS: "3" });
    assert.equal(workers_dev, true);
    const { vars: _, ...before } = parse(first);
    assert.deepEqual(rest, before);

    // On another machine the file does not exist: the deployed Worker shows what was chosen.
    rmSync(at.file);
    await done(at.setUp([], { env: {} }));
    assert.equal(parse(readFileSync(at.file, "utf8")).vars.JURISDICTION, "eu");
    assert.equal(at.state().namespaces.length, 1);
  });

  test("reports that deliveries arrive but their signatures are rejected", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const at = account(t, String(edge.url));
    const it = at.setUp(["--jurisdiction", "none", "--wait", "1"]);
    await eventually(
      () => /Waiting up to \d+ min for the first event/.test(it.printed),
      "the wait for the first event",
    );
    await post(edge, "{}", { "X-Kombo-Signature": "A".repeat(43) });
    await eventually(
      () => /signatures are rejected: KOMBO_WEBHOOK_SECRET/.test(it.printed),
      "the report",
    );
    await post(edge, JSON.stringify(failure("42")));
    assert.match(await done(it), /Kombo's events arrive/);
  });

  test("does not move objects to another jurisdiction, or choose one by itself", async (t) => {
    const { edge } = await startTestbed(t, { bindings: TOKENS });
    const at = account(t, String(edge.url));
    assert.match(await done(at.setUp(), 1), /Pass --jurisdiction \(none, eu, .*can't be changed/);
    await done(at.setUp(["--jurisdiction", "none"]));
    at.clearCalls();
    const rejected = await done(at.setUp(["--jurisdiction", "eu"]), 1);
    assert.match(rejected, /are stored in "none" and can't be moved/);
    assert.ok(!kinds(at.calls()).some((call) => /^(deploy |secret)/.test(call)));
  });

  test("runs nothing and writes nothing in a dry run, and shows each command", async (t) => {
    const at = account(t, "https://kombo-edge.example.com");
    const printed = await done(at.setUp(["--dry-run", "--deployment", "production-us"]));
    assert.deepEqual(at.calls(), []);
    assert.ok(!existsSync(at.file));
    for (const command of ["whoami", "kv namespace create", "secret bulk", "deploy"])
      assert.match(printed, new RegExp(`^npx wrangler ${command}`, "m"));
    assert.match(printed, /KOMBO_API_URL = "https:\/\/api\.us\.kombo\.dev\/v1"/);
    for (const secret of Object.values(GIVEN)) assert.ok(!printed.includes(secret), printed);
  });

  test("checks the secrets in a dry run, from the environment and from standard input", async (t) => {
    const at = account(t, "https://kombo-edge.example.com");
    const wrong = {
      API_TOKEN: "tooshort",
      API_READ_TOKEN: "short",
      SLACK_WEBHOOK_URL: "slack.com",
    };
    const input = JSON.stringify({ ...GIVEN, ...wrong });
    const runs = [
      at.setUp(["--dry-run"], { env: { ...GIVEN, ...wrong } }),
      at.setUp(["--dry-run", "--secrets-from-stdin"], { env: {}, input }),
    ];
    for (const it of runs) {
      const printed = await done(it, 1);
      assert.match(printed, /SLACK_WEBHOOK_URL: Enter an https:\/\/ URL/);
      for (const name of ["API_TOKEN", "API_READ_TOKEN"])
        assert.match(printed, new RegExp(`${name}: Enter at least 16 characters`));
      assert.doesNotMatch(printed, /tooshort/);
    }
    assert.deepEqual(at.calls(), []);
    const unknown = at.setUp(["--dry-run", "--secrets-from-stdin"], { input: '{"KOMBO":"x"}' });
    assert.match(await done(unknown, 1), /Unknown secret: KOMBO\./);
  });

  test("names what is missing if it cannot prompt for it", async (t) => {
    const at = account(t, "https://kombo-edge.example.com", { loggedIn: false });
    assert.match(await done(at.setUp(), 1), /not logged in: set CLOUDFLARE_API_TOKEN/);
    const two = ["acme", "other"].map((id) => ({ id, name: id }));
    at.write({ accounts: two });
    assert.match(await done(at.setUp(), 1), /Pass --account, or CLOUDFLARE_ACCOUNT_ID/);
    const none = { env: {} };
    const args = ["--account", "other", "--jurisdiction", "eu"];
    assert.match(
      await done(at.setUp(args, none), 1),
      /Pass KOMBO_WEBHOOK_SECRET in the environment/,
    );
    assert.equal(at.calls().at(-1).environment.account, "other");
    assert.match(
      await done(
        at.setUp([...args, "--secrets-from-stdin"], { ...none, input: '{"KOMBO":"x"}' }),
        1,
      ),
      /Unknown secret: KOMBO\./,
    );
    const input = JSON.stringify({ ...GIVEN, SLACK_WEBHOOK_URL: "hooks.slack.com" });
    const wrong = await done(at.setUp([...args, "--secrets-from-stdin"], { ...none, input }), 1);
    assert.match(wrong, /SLACK_WEBHOOK_URL: Enter an https:\/\/ URL/);
    assert.ok(!wrong.includes(SECRET));
  });

  test("refuses a secret that was pasted badly, and more than five", async (t) => {
    const at = account(t, "https://kombo-edge.example.com");
    const six = Array.from({ length: 6 }, (_, number) => `token-${number}-0123456789`).join(" ");
    const args = ["--jurisdiction", "none", "--secrets-from-stdin"];
    const refused = (changes) =>
      done(at.setUp(args, { env: {}, input: JSON.stringify({ ...GIVEN, ...changes }) }), 1);
    for (const name of ["KOMBO_WEBHOOK_SECRET", "API_TOKEN", "API_READ_TOKEN", "KOMBO_API_KEY"]) {
      const printed = await refused({ [name]: '"token-0-0123456789"' });
      assert.match(printed, new RegExp(`${name}: .*pasted badly`));
      assert.ok(!printed.includes("0123456789"), printed);
    }
    for (const name of ["KOMBO_WEBHOOK_SECRET", "API_TOKEN", "API_READ_TOKEN"])
      assert.match(await refused({ [name]: six }), new RegExp(`${name}: Enter at most 5`));
    assert.match(await refused({ API_READ_TOKEN: "short" }), /API_READ_TOKEN: Enter at least 16/);
    assert.match(await refused({ LINK_SECRET: "x".repeat(31) }), /LINK_SECRET: Enter at least 32/);
    assert.ok(!kinds(at.calls()).some((call) => /^(deploy |secret)/.test(call)));
  });

  test("refuses the same texts as the Worker", () => {
    const cases = JSON.parse(readFileSync(inProject("tests", "fixtures", "keys.json"), "utf8"));
    for (const text of cases["pasted badly"]) assert.ok(isPastedBadly("SETTING", text), text);
    for (const text of cases["pasted well"]) assert.ok(!isPastedBadly("SETTING", text), text);
  });

  test("reports each kind of delivery that is rejected, and a wrong path", async () => {
    const none = { refused_signatures_24h: 0, malformed_signatures_24h: 0, misdirected_24h: 0 };
    const before = { last_event_at: null, missing_signatures_24h: 0, ...none };
    const later = [
      { refused_signatures_24h: 1 },
      { refused_signatures_24h: 2, malformed_signatures_24h: 1 },
      { missing_signatures_24h: 1 },
      { misdirected_24h: 1 },
      { last_event_at: "2026-11-25T03:04:55.090Z" },
    ];
    let watch = before;
    const reports = [];
    const call = async () => {
      const answer = { watch };
      watch = { ...watch, ...later.shift() };
      return answer;
    };
    const options = { waiting: "waiting", limitMs: 60_000, since: 0, pollMs: 1 };
    assert.equal(
      await firstEvent(call, (text) => reports.push(text), options),
      watch.last_event_at,
    );
    const expected = [/^waiting$/, /is not the secret/, /not have the form/, /scanners/, /path/];
    assert.equal(reports.length, expected.length, reports.join("\n"));
    for (const [index, pattern] of expected.entries()) assert.match(reports[index], pattern);
  });
});

test("a secret does not appear on the screen while it is typed", async () => {
  const input = new PassThrough();
  let screen = "";
  const output = new Writable({
    write: (chunk, _, next) => ((screen += chunk), next()),
  });
  const questions = onTerminal({ input, output });
  const check = (text) => (text === "short" ? "It needs 16 characters or more." : undefined);
  const answer = questions.secret({ message: "A token", check });
  const type = (text) => input.write(text);
  await eventually(() => screen.includes("A token"), "the question");
  type("short\r");
  await eventually(() => screen.includes("16 characters or more"), "the error");
  type("er-not\r");
  assert.equal(await answer, "shorter-not");
  assert.ok(!/short/.test(screen), screen);
});

test("warns of a URL for Slack that is probably not a webhook, and keeps it", async (t) => {
  const warned = [];
  t.mock.method(console, "warn", (text) => warned.push(text));
  const questions = { explain: () => {}, secret: async () => "" };
  const taken = async (url) => {
    warned.length = 0;
    const values = await gather(questions, { ...GIVEN, SLACK_WEBHOOK_URL: url }, new Set());
    assert.equal(values.SLACK_WEBHOOK_URL, url);
    return warned.join();
  };
  for (const url of [
    "https://acme.slack.com/archives/C012345",
    "https://app.slack.com/client/T000/C000",
    "https://api.slack.com/apps/A000/incoming-webhooks",
    "https://hooks.slack.com/x",
    "https://mattermost.example/",
  ]) {
    const warning = await taken(url);
    assert.match(warning, /SLACK_WEBHOOK_URL: .*not a webhook/, url);
    assert.ok(!warning.includes(url), "the value itself is not shown");
  }
  for (const url of [
    WEBHOOK_URL,
    "https://hooks.slack-gov.com/services/T000/B000/x",
    "https://hooks.slack.com/triggers/T000/1/x",
    "https://mattermost.example/hooks/x",
  ])
    assert.equal(await taken(url), "", url);
});

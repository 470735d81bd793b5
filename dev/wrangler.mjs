#!/usr/bin/env node
// A stand-in for the parts of wrangler that `npm run setup` uses. The account is a file, and the output
// has the format of wrangler 4.164. It records each call and its input. It neither builds nor uploads,
// and checks nothing that Cloudflare checks.
//
// STAND_IN_FOLDER is the folder of `account.json`, which initially is `{ loggedIn, accounts, url }`, and
// of `calls.ndjson`.

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "smol-toml";

const inFolder = (name) => join(process.env.STAND_IN_FOLDER, name);
const account = JSON.parse(readFileSync(inFolder("account.json"), "utf8"));
const { namespaces = [], workers = {} } = account;

const args = process.argv.slice(2);
const input = args[0] === "secret" ? await text(process.stdin) : "";
const environment = { account: process.env.CLOUDFLARE_ACCOUNT_ID };
appendFileSync(inFolder("calls.ndjson"), `${JSON.stringify({ args, input, environment })}\n`);

const after = (flag) => args[args.indexOf(flag) + 1];
const print = (value) => console.log(JSON.stringify(value, null, 2));
const configuration = () => parse(readFileSync(after("--config"), "utf8"));

function fail(message) {
  console.error(`\n✘ [ERROR] ${message}\n`);
  process.exit(1);
}

function save() {
  const changed = { ...account, namespaces, workers };
  writeFileSync(inFolder("account.json"), JSON.stringify(changed, null, 2));
}

/** The bindings of a Worker, which wrangler creates if it does not exist. */
const bindingsOf = (name) => (workers[name] ??= []);

function setBindings(name, fresh, isReplaced) {
  const stays = ({ type, name }) =>
    !isReplaced({ type }) && !fresh.some((one) => one.name === name);
  workers[name] = [...bindingsOf(name).filter(stays), ...fresh];
  save();
}

const commands = {
  whoami() {
    if (!account.loggedIn) {
      console.log(JSON.stringify({ loggedIn: false }));
      process.exit(1);
    }
    print({ loggedIn: true, authType: "User API Token", accounts: account.accounts });
  },
  "deployments status"() {
    const name = after("--name");
    if (workers[name] === undefined)
      fail(`A request to the Cloudflare API (/accounts/a/workers/scripts/${name}/deployments) failed.

  This Worker does not exist on your account. [code: 10007]`);
    print({ id: "d1", versions: [{ version_id: `version-of-${name}`, percentage: 100 }] });
  },
  "versions view"() {
    print({ id: args[2], resources: { bindings: bindingsOf(after("--name")), script: {} } });
  },
  "kv namespace"() {
    if (args[2] === "list") return print(namespaces);
    const title = args[3];
    if (namespaces.some((one) => one.title === title))
      fail(`A KV namespace with the title "${title}" already exists.`);
    namespaces.push({ id: `id-of-${title}`, title, supports_url_encoding: true });
    save();
    console.log(`🌀 Creating namespace with title "${title}"\n✨ Success!`);
  },
  "secret bulk"() {
    const values = JSON.parse(input);
    const { name } = configuration();
    console.log(`🌀 Processing the secrets for the Worker "${name}"`);
    const fresh = Object.keys(values).map((key) => ({ type: "secret_text", name: key }));
    setBindings(name, fresh, () => false);
    for (const key of Object.keys(values))
      console.log(`✨ Successfully created secret for key: ${key}`);
  },
  deploy() {
    const { name, kv_namespaces: kv, durable_objects: objects, vars } = configuration();
    const variables = Object.entries(vars).map(([name, text]) => ({
      ...{ type: "plain_text", name, text },
    }));
    const fresh = [
      ...kv.map(({ binding, id }) => ({ type: "kv_namespace", name: binding, namespace_id: id })),
      ...objects.bindings.map(({ name }) => ({ type: "durable_object_namespace", name })),
      ...variables,
    ];
    const isDropped = ({ type }) => type === "plain_text" && !args.includes("--keep-vars");
    setBindings(name, fresh, isDropped);
    console.log(`Deployed ${name} triggers (0.31 sec)\n  ${account.url}`);
    const entry = { type: "deploy", version: 1, worker_name: name, targets: [account.url] };
    writeFileSync(process.env.WRANGLER_OUTPUT_FILE_PATH, `${JSON.stringify(entry)}\n`);
  },
};

const command = commands[args.slice(0, 2).join(" ")] ?? commands[args[0]];
if (command === undefined) fail(`Unknown arguments: ${args.join(", ")}`);
command();

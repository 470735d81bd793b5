// Calls wrangler, Cloudflare's own tool, for the setup, and parses its output. Secrets go to its standard
// input, never into its arguments, which other users of the machine can see. WRANGLER names another
// program to use instead of the one in package.json.

import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { run, runWithInput } from "../command.mjs";
import { inUserFolder, Stop } from "../project.mjs";

const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
const PROGRAM = process.env.WRANGLER ?? join(dirname(manifest), "bin", "wrangler.js");

// Cloudflare's code for "This Worker does not exist on your account."
const NO_WORKER = /\[code: 100(07|90)\]/;

const withAccount = (account) => (account ? { CLOUDFLARE_ACCOUNT_ID: account } : {});
const environment = (account, more = {}) => ({
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  ...withAccount(account),
  ...more,
});

/** A command as a user would type it. */
export const commandLine = (args) => ["npx", "wrangler", ...args].join(" ");

/** The accounts that wrangler is logged in to, as `{ id, name }`; undefined if it is not logged in. */
export async function accounts() {
  const { ok, out, error } = await runWithInput(PROGRAM, ["whoami", "--json"], {
    env: environment(),
  });
  const answer = jsonIn(out);
  if (ok && answer?.loggedIn) return answer.accounts ?? [];
  if (answer?.loggedIn === false) return undefined;
  throw failed(["whoami", "--json"], out + error);
}

/** Logs in, in the browser. */
export const logIn = () => run(PROGRAM, ["login"], { env: environment(), input: "inherit" });

/**
 * The deployed Worker of this name: `{ secrets, variables, namespace, hasObjects }`; undefined if there
 * is none.
 */
export async function running(name, account) {
  const status = ["deployments", "status", "--name", name, "--json"];
  const { ok, out, error } = await runWithInput(PROGRAM, status, { env: environment(account) });
  if (!ok && NO_WORKER.test(out + error)) return undefined;
  if (!ok) throw failed(status, error || out);
  const { versions } = jsonIn(out) ?? {};
  const [{ version_id: id }] = [...versions].sort((a, b) => b.percentage - a.percentage);
  const { resources } = await query(["versions", "view", id, "--name", name, "--json"], account);
  const named = (type) => resources.bindings.filter((binding) => binding.type === type);
  return {
    secrets: new Set(named("secret_text").map((binding) => binding.name)),
    variables: Object.fromEntries(named("plain_text").map(({ name, text }) => [name, text])),
    namespace: named("kv_namespace").find(({ name }) => name === "MAPPINGS")?.namespace_id,
    hasObjects: named("durable_object_namespace").length > 0,
  };
}

/** The id of the namespace with this title, which is created if it does not exist. */
export async function namespace(title, account) {
  const find = async () => {
    const all = await query(["kv", "namespace", "list"], account);
    return all.find((one) => one.title === title)?.id;
  };
  const existing = await find();
  if (existing) return { id: existing, isNew: false };
  const create = createNamespace(title);
  const { ok, out, error } = await runWithInput(PROGRAM, create, { env: environment(account) });
  if (!ok) throw failed(create, error || out);
  const id = await find();
  if (!id)
    throw new Stop(`The namespace ${title} was created, but it is not in the account's list.`);
  return { id, isNew: true };
}

// Otherwise wrangler would write the namespace into wrangler.toml.
export const createNamespace = (title) => [
  ...["kv", "namespace", "create", title],
  "--update-config=false",
];

/** Sets secrets. `values` has them by name. */
export async function setSecrets(file, values, account) {
  const args = secretsCommand(file);
  const input = JSON.stringify(values);
  const { ok, out, error } = await runWithInput(PROGRAM, args, {
    env: environment(account),
    input,
  });
  // It also succeeds if it read nothing.
  const missing = Object.keys(values).filter((name) => !out.includes(`secret for key: ${name}`));
  if (!ok || missing.length > 0) throw failed(args, error || out);
}

export const secretsCommand = (file) => [
  "secret",
  "bulk",
  "--config",
  relative(inUserFolder(), file),
];

/** Deploys, with the output shown, and resolves to the URLs of the Worker. */
export async function deploy(file, account) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-deploy-"));
  const output = join(folder, "output.ndjson");
  try {
    const env = environment(account, { WRANGLER_OUTPUT_FILE_PATH: output });
    await run(PROGRAM, deployCommand(file), { env, input: "inherit" });
    const entries = readFileSync(output, "utf8").trim().split("\n").map(JSON.parse);
    return (entries.find(({ type }) => type === "deploy")?.targets ?? []).flatMap(urlIn);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Keeps variables that were set in the dashboard.
export const deployCommand = (file) => [
  ...["deploy", "--config", relative(inUserFolder(), file)],
  "--keep-vars",
];

// A route is a pattern, not a URL.
function urlIn(target) {
  if (target.startsWith("https://") || target.startsWith("http://")) return [target];
  const [, host] = target.match(/^(\S+) \(custom domain\)/) ?? [];
  return host ? [`https://${host}`] : [];
}

async function query(args, account) {
  const { ok, out, error } = await runWithInput(PROGRAM, args, { env: environment(account) });
  const answer = jsonIn(out);
  if (!ok || answer === undefined) throw failed(args, error || out);
  return answer;
}

// There may be a warning before the JSON.
function jsonIn(out) {
  const from = out.search(/^[[{]/m);
  try {
    return from < 0 ? undefined : JSON.parse(out.slice(from));
  } catch {
    return undefined;
  }
}

const failed = (args, why) => new Stop(`\`${commandLine(args)}\` failed:\n${why.trim()}`);

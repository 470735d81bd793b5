// What the set-up asks of wrangler, Cloudflare's own tool, and how its answers are read. Secrets go to
// its standard input, never into its arguments, which others on the machine can see. WRANGLER names
// another program than the one of package.json.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { run, runWithInput } from "../command.mjs";
import { inProject, root, Stop } from "../project.mjs";

const PROGRAM = process.env.WRANGLER ?? inProject("node_modules", ".bin", "wrangler");

// Cloudflare's code for "This Worker does not exist on your account."
const NO_WORKER = /\[code: 100(07|90)\]/;

const withAccount = (account) => (account ? { CLOUDFLARE_ACCOUNT_ID: account } : {});
const environment = (account, more = {}) => ({
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  ...withAccount(account),
  ...more,
});

/** A command as one would type it. */
export const shown = (args) => ["npx", "wrangler", ...args].join(" ");

/** The accounts that this machine is logged in to, as `{ id, name }`; undefined where it is not. */
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
 * A Worker as it runs now: `{ secrets, variables, namespace, hasObjects }`; undefined where there is
 * none of this name.
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

/** The id of the namespace of this title; makes it where there is none. */
export async function namespace(title, account) {
  const find = async () => {
    const all = await query(["kv", "namespace", "list"], account);
    return all.find((one) => one.title === title)?.id;
  };
  const there = await find();
  if (there) return { id: there, isNew: false };
  const create = createNamespace(title);
  const { ok, out, error } = await runWithInput(PROGRAM, create, { env: environment(account) });
  if (!ok) throw failed(create, error || out);
  const id = await find();
  if (!id) throw new Stop(`The namespace ${title} was created, but the account does not list it.`);
  return { id, isNew: true };
}

// Wrangler would write the namespace into wrangler.toml.
export const createNamespace = (title) => [
  ...["kv", "namespace", "create", title],
  "--update-config=false",
];

/** Sets secrets: `values` by name. */
export async function setSecrets(file, values, account) {
  const args = secretsCommand(file);
  const input = JSON.stringify(values);
  const { ok, out, error } = await runWithInput(PROGRAM, args, {
    env: environment(account),
    input,
  });
  // It also ends well where it read nothing.
  const missing = Object.keys(values).filter((name) => !out.includes(`secret for key: ${name}`));
  if (!ok || missing.length > 0) throw failed(args, error || out);
}

export const secretsCommand = (file) => ["secret", "bulk", "--config", relative(root, file)];

/** Deploys, with its output shown, and comes to the addresses that the Worker answers at. */
export async function deploy(file, account) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-deploy-"));
  const output = join(folder, "output.ndjson");
  try {
    const env = environment(account, { WRANGLER_OUTPUT_FILE_PATH: output });
    await run(PROGRAM, deployCommand(file), { env, input: "inherit" });
    const entries = readFileSync(output, "utf8").trim().split("\n").map(JSON.parse);
    return (entries.find(({ type }) => type === "deploy")?.targets ?? []).flatMap(addressIn);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Variables that were set in the dashboard stay.
export const deployCommand = (file) => [
  ...["deploy", "--config", relative(root, file)],
  "--keep-vars",
];

// A route is no address: nobody knows which host it is meant for.
function addressIn(target) {
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

// A warning may stand ahead of it.
function jsonIn(out) {
  const from = out.search(/^[[{]/m);
  try {
    return from < 0 ? undefined : JSON.parse(out.slice(from));
  } catch {
    return undefined;
  }
}

const failed = (args, why) => new Stop(`\`${shown(args)}\` failed:\n${why.trim()}`);

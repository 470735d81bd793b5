// What is chosen for a deployment: which one, its name, its account, where its objects live, and how
// long to wait for Kombo. Each is a flag, what was there before, or a question.

import { Stop } from "../project.mjs";
import { addressOf } from "../api.mjs";
import { DEPLOYMENTS, TOP, deployment, fileOf, savedConfiguration } from "./configuration.mjs";
import { accounts, logIn } from "./wrangler.mjs";

/** Where objects may live. "none" is wherever the first event comes from. */
export const JURISDICTIONS = ["none", "eu", "us", "fedramp", "fedramp-high"];

const DEFAULT_WAIT_MINUTES = 15;
const MAX_WAIT_MINUTES = 24 * 60;

export const usage = `Usage: npm run setup -- [options]

Deploys the Worker: asks for what is needed, makes the Workers KV namespace, sets the secrets, deploys,
shows what to enter at Kombo, and waits for the first event. It may be repeated at any time; it is also
how a newer version is deployed.

  --deployment <which>   ${Object.keys(DEPLOYMENTS).join(", ")}
  --name <name>          the Worker's name; default: as in wrangler.toml
  --account <id>         Cloudflare's account; default: CLOUDFLARE_ACCOUNT_ID, or the only one there is
  --jurisdiction <where> where objects live, for good: ${JURISDICTIONS.join(", ")}
  --url <url>            where the Worker answers, if it is behind a route
  --wait <minutes>       for the first event; default ${DEFAULT_WAIT_MINUTES}, or 0 where nobody is asked
  --yes                  asks nothing: for scripts
  --secrets-from-stdin   reads secrets from standard input, as a JSON object
  --dry-run              shows the configuration and the commands, and does nothing

Secrets that stand in the environment under their names are not asked for. Without a terminal nothing
is asked, and wrangler needs CLOUDFLARE_API_TOKEN.`;

const string = { type: "string" };
const boolean = { type: "boolean" };
export const options = {
  deployment: string,
  name: string,
  account: string,
  jurisdiction: string,
  url: string,
  wait: string,
  yes: boolean,
  "secrets-from-stdin": boolean,
  "dry-run": boolean,
};

/** The flags that can be judged without asking anybody. */
export function checked(values) {
  const { deployment: key = TOP, jurisdiction, name, wait } = values;
  const usual = deployment(key).name;
  checkName(name ?? usual);
  if (jurisdiction !== undefined && !JURISDICTIONS.includes(jurisdiction))
    throw new Stop(
      `--jurisdiction must be one of ${JURISDICTIONS.join(", ")}, not "${jurisdiction}".`,
    );
  const minutes = Number(wait ?? 0);
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > MAX_WAIT_MINUTES)
    throw new Stop(`--wait must be at most ${MAX_WAIT_MINUTES} minutes, not "${wait}".`);
  return { key, usual };
}

// It becomes part of a host name, and of the name of a file.
const nameComplaint = (name) =>
  /^[a-z0-9]([a-z0-9-]{0,52}[a-z0-9])?$/.test(name)
    ? undefined
    : `"${name}" is not a valid Worker name. Use at most 54 lowercase letters, digits and hyphens.`;

function checkName(name) {
  const complaint = nameComplaint(name);
  if (complaint) throw new Stop(complaint);
}

/** Which deployment, under which name, in which file and account. */
async function place(questions, values) {
  checked(values);
  const key =
    values.deployment ??
    (await questions.choose({
      message: "Which deployment? Each has its own Kombo environment, namespace and Slack channel",
      options: Object.entries(DEPLOYMENTS).map(([value, label]) => ({ value, label })),
      preset: TOP,
    }));
  const name =
    values.name ??
    (await questions.name({
      message: "Name of the Worker",
      preset: deployment(key).name,
      check: (text) => (text ? nameComplaint(text) : undefined),
    }));
  const file = fileOf(name);
  return { key, name, file, account: await account(questions, values, savedConfiguration(file)) };
}

async function account(questions, values, before) {
  const known = values.account ?? before?.account_id ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  const all = (await accounts()) ?? (await afterLogIn(questions));
  if (known || all.length === 1) return known || all[0].id;
  return questions.choose({
    message: "Which Cloudflare account?",
    options: all.map(({ id, name }) => ({ value: id, label: name })),
    given: "--account, or CLOUDFLARE_ACCOUNT_ID",
  });
}

async function afterLogIn(questions) {
  if (!questions.isAnswered)
    throw new Stop(
      "Wrangler is not logged in: set CLOUDFLARE_API_TOKEN to a token of Cloudflare's template\n" +
        '"Edit Cloudflare Workers" (https://dash.cloudflare.com/profile/api-tokens).',
    );
  await logIn();
  return (await accounts()) ?? [];
}

/**
 * Where objects live; nothing for "none". It is part of what an object is, so where there are objects
 * it stays as it was.
 */
async function jurisdiction(questions, { key, values, before, now }) {
  const wanted = values.jurisdiction;
  const was = now?.variables.JURISDICTION ?? before.vars?.JURISDICTION;
  if (now?.hasObjects || was) {
    if (wanted !== undefined && wanted !== (was || "none"))
      throw new Stop(
        `The objects of this Worker live in "${was || "none"}" and can't be moved: in "${wanted}" they would
be others, that know nothing. Deploy under another --name, and move with npm run export and import.`,
      );
    return was;
  }
  questions.explain(`Where the objects live, which hold your customers' names and contacts. It can't be changed later: another
jurisdiction has new, empty objects. Workers KV has its own setting; see docs/deployment.md.`);
  const answer =
    wanted ??
    (await questions.choose({
      message: "Jurisdiction of the objects",
      options: JURISDICTIONS.map((value) => ({ value, label: LABELS[value] })),
      // Nobody may fall into it: where it isn't asked it has to be said.
      preset: questions.isAnswered ? usualFor(key) : undefined,
      given: `--jurisdiction (${JURISDICTIONS.join(", ")}): it can't be changed later`,
    }));
  return answer === "none" ? undefined : answer;
}

const usualFor = (key) => (key.endsWith("-us") ? "us" : "eu");

const LABELS = {
  none: "none: near the sender of each object's first event",
  eu: "eu: in the European Union",
  us: "us: in the United States",
  fedramp: "fedramp: FedRAMP Moderate",
  "fedramp-high": "fedramp-high: FedRAMP High",
};

/** Where the Worker answers: what was given, else what wrangler said, else a question. */
async function address(questions, values, found) {
  const url =
    values.url ??
    found ??
    (await questions.name({
      message: "Wrangler printed no URL. What is the Worker's URL?",
      check: (text) =>
        URL.canParse(text) ? undefined : "Enter a URL such as https://edge.example.com",
      given: "--url",
    }));
  return addressOf(url).origin;
}

function waitMinutes(questions, { wait }) {
  return wait === undefined ? (questions.isAnswered ? DEFAULT_WAIT_MINUTES : 0) : Number(wait);
}

export const chosen = { place, jurisdiction, address, waitMinutes };

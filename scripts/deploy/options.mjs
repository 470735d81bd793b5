// The options of a deployment: which one it is, its name, its account, where its objects are stored, and
// how long to wait for Kombo. Each comes from a flag, from the last deployment, or from a prompt.

import { Stop } from "../project.mjs";
import { addressOf } from "../api.mjs";
import { called } from "../called.mjs";
import { DEPLOYMENTS, TOP, deployment, fileOf, savedConfiguration } from "./configuration.mjs";
import { accounts, logIn } from "./wrangler.mjs";

/** Where objects may be stored. "none" means near the sender of the first event. */
export const JURISDICTIONS = ["none", "eu", "us", "fedramp", "fedramp-high"];

export const DEFAULT_WAIT_MINUTES = 15;
const MAX_WAIT_MINUTES = 24 * 60;

/** Checks the flags that can be checked without a prompt. Throws a Stop if one is invalid. */
export function checkFlags(values) {
  const { deployment: key = TOP, jurisdiction, name, wait } = values;
  const defaultName = deployment(key).name;
  checkName(name ?? defaultName);
  if (jurisdiction !== undefined && !JURISDICTIONS.includes(jurisdiction))
    throw new Stop(
      `--jurisdiction must be one of ${JURISDICTIONS.join(", ")}, not "${jurisdiction}".`,
    );
  const minutes = Number(wait ?? 0);
  if (!Number.isInteger(minutes) || minutes < 0 || minutes > MAX_WAIT_MINUTES)
    throw new Stop(`--wait must be at most ${MAX_WAIT_MINUTES} minutes, not "${wait}".`);
  return { key, defaultName };
}

// The name becomes part of a host name and of a file name.
const nameError = (name) =>
  /^[a-z0-9]([a-z0-9-]{0,52}[a-z0-9])?$/.test(name)
    ? undefined
    : `"${name}" is not a valid Worker name. Use at most 54 lowercase letters, digits and hyphens.`;

function checkName(name) {
  const error = nameError(name);
  if (error) throw new Stop(error);
}

/** Which deployment, and its name, file and account. */
async function place(questions, values) {
  checkFlags(values);
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
      check: (text) => (text ? nameError(text) : undefined),
    }));
  const file = fileOf(name);
  return { key, name, file, account: await account(questions, values, savedConfiguration(file)) };
}

async function account(questions, values, before) {
  const known = values.account ?? before?.account_id ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  const all = (await accounts()) ?? (await accountsAfterLogin(questions));
  if (known || all.length === 1) return known || all[0].id;
  return questions.choose({
    message: "Which Cloudflare account?",
    options: all.map(({ id, name }) => ({ value: id, label: name })),
    given: "--account, or CLOUDFLARE_ACCOUNT_ID",
  });
}

async function accountsAfterLogin(questions) {
  if (!questions.isAnswered)
    throw new Stop(
      "Wrangler is not logged in: set CLOUDFLARE_API_TOKEN to a token of Cloudflare's template\n" +
        '"Edit Cloudflare Workers" (https://dash.cloudflare.com/profile/api-tokens).',
    );
  await logIn();
  return (await accounts()) ?? [];
}

/**
 * Where objects are stored; undefined for "none". It is part of an object's identity, so it can't change
 * once there are objects.
 */
async function jurisdiction(questions, { key, values, before, now }) {
  const wanted = values.jurisdiction;
  const was = now?.variables.JURISDICTION ?? before.vars?.JURISDICTION;
  if (now?.hasObjects || was) {
    if (wanted !== undefined && wanted !== (was || "none"))
      throw new Stop(
        `The objects of this Worker are stored in "${was || "none"}" and can't be moved: "${wanted}" would have
new, empty objects. Deploy under another --name, and move the data with ${called("export", "--url <this Worker's URL>")} and
${called("import", "--url <the other one's>")}.`,
      );
    return was;
  }
  questions.explain(`Where the objects are stored that hold your customers' names and contacts. It can't be changed later:
another jurisdiction has new, empty objects. Workers KV has its own setting; see docs/deployment.md.`);
  const answer =
    wanted ??
    (await questions.choose({
      message: "Jurisdiction of the objects",
      options: JURISDICTIONS.map((value) => ({ value, label: LABELS[value] })),
      // It can't be undone, so without a prompt it must be given.
      preset: questions.isAnswered ? defaultJurisdiction(key) : undefined,
      given: `--jurisdiction (${JURISDICTIONS.join(", ")}): it can't be changed later`,
    }));
  return answer === "none" ? undefined : answer;
}

const defaultJurisdiction = (key) => (key.endsWith("-us") ? "us" : "eu");

const LABELS = {
  none: "none: near the sender of each object's first event",
  eu: "eu: in the European Union",
  us: "us: in the United States",
  fedramp: "fedramp: FedRAMP Moderate",
  "fedramp-high": "fedramp-high: FedRAMP High",
};

/** The Worker's URL: from the flag, otherwise from wrangler's output, otherwise from a prompt. */
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

export const choose = { place, jurisdiction, address, waitMinutes };

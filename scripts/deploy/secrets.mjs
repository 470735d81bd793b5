// The secrets of a deployment: what each is for, where to find it, and which values are valid. They come
// from the environment, from standard input, or from a prompt. Those that are already set may be kept.

import { randomBytes } from "node:crypto";
import { json } from "node:stream/consumers";
import { Stop } from "../project.mjs";
import { keyError, keysError, linkSecretsError, tokensError } from "./keys.mjs";

const isUrl = (text) => URL.canParse(text) && new URL(text).protocol === "https:";
const checkHook = (text) =>
  isUrl(text) ? undefined : "Enter an https:// URL such as https://hooks.slack.com/services/…";

/** Why a URL is probably not that of a webhook. Receivers other than Slack have URLs of their own. */
function hookWarning(text) {
  const { hostname, pathname } = new URL(text);
  if (!/(^|\.)slack(-gov)?\.com$/.test(hostname)) {
    return pathname === "/" ? "This URL has no path, so it is probably not a webhook." : undefined;
  }
  const isHook =
    hostname.startsWith("hooks.") && /^\/(services|workflows|triggers)\/./.test(pathname);
  if (isHook) return undefined;
  return `This is a page of Slack, not a webhook: Slack will reject every message. The URL of an incoming
webhook begins with https://hooks.slack.com/services/.`;
}

/** In the order of the prompts. `error` says what is wrong with a value, `warning` what may be. */
export const SECRETS = [
  {
    name: "KOMBO_WEBHOOK_SECRET",
    isNeeded: true,
    message: "Kombo webhook secret",
    where: `In Kombo's dashboard, choose the environment of this deployment and open Configuration > Webhooks:
https://app.kombo.dev/configuration/webhooks
The secret is shown once there is a webhook. If there is none, create one with any URL for now; setup
prints the right URL at the end.`,
    error: (text) =>
      text.trim()
        ? keysError("KOMBO_WEBHOOK_SECRET", text)
        : "This is required: the Worker accepts nothing without it.",
  },
  {
    name: "SLACK_WEBHOOK_URL",
    isNeeded: true,
    message: "Slack webhook URL for the team",
    where: `Open https://api.slack.com/apps and choose Create New App > From scratch. Turn on Incoming Webhooks,
choose Add New Webhook, and pick the team's channel. Copy the webhook's URL.`,
    error: checkHook,
    warning: hookWarning,
  },
  {
    name: "SLACK_OPS_URL",
    message: "Slack webhook URL for engineers (optional)",
    where: `Alerts for engineers can go to a channel of their own: add a second webhook to the same app. Without
one, they appear in the team's channel under a heading.`,
    error: checkHook,
    warning: hookWarning,
  },
  {
    name: "API_TOKEN",
    message: "API token, at least 16 characters (optional; setup can create one)",
    where: `The token for the API under /v1, which this project's commands use. Enter your own, or leave this empty
to create one; it is shown once.`,
    error: (text) => tokensError("API_TOKEN", text),
  },
  {
    name: "KOMBO_API_KEY",
    message: "Kombo API key (optional)",
    where: `With it, the Worker checks each integration with Kombo about once a week, in case a webhook got lost,
and people can make a new connection link for a customer from a message in Slack.
It must be a key of the same environment: https://app.kombo.dev/secrets`,
    error: (text) => keyError("KOMBO_API_KEY", text),
  },
];

/** Those that there is no prompt for. Setup creates the second one, because no person needs to know it. */
const UNPROMPTED = [
  { name: "API_READ_TOKEN", error: (text) => tokensError("API_READ_TOKEN", text) },
  { name: "LINK_SECRET", error: (text) => linkSecretsError("LINK_SECRET", text) },
];

const ALL = [...SECRETS, ...UNPROMPTED];

/** The secrets on standard input: a JSON object with secrets by name. */
export async function fromStandardInput() {
  const values = await json(process.stdin).catch(() => undefined);
  const isObject = typeof values === "object" && values !== null && !Array.isArray(values);
  if (!isObject || !Object.values(values).every((value) => typeof value === "string"))
    throw new Stop("Standard input must be a JSON object that maps names of secrets to strings.");
  const known = new Set(ALL.map(({ name }) => name));
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Stop(`Unknown secret: ${unknown.join(", ")}.`);
  return values;
}

/**
 * The secrets to set, by name. `given` has those that need no prompt, `existing` the names of those that
 * are already set: an empty answer keeps them.
 */
export async function gather(questions, given, existing) {
  const values = {};
  for (const secret of SECRETS) {
    const value =
      given[secret.name] || (await prompted(questions, secret, existing.has(secret.name)));
    if (value) values[secret.name] = checked(secret, value);
  }
  for (const secret of UNPROMPTED) {
    const value = given[secret.name];
    if (value) values[secret.name] = checked(secret, value);
  }
  if (!values.LINK_SECRET && !existing.has("LINK_SECRET")) values.LINK_SECRET = newToken();
  return values;
}

function checked({ name, error, warning }, value) {
  const wrong = error(value);
  // The value itself is never shown.
  if (wrong) throw new Stop(`${name}: ${wrong}`);
  const doubtful = warning?.(value);
  if (doubtful) console.warn(`\nWarning: ${name}: ${doubtful}\n`);
  return value;
}

async function prompted(questions, { name, message, where, isNeeded, error }, isSet) {
  questions.explain(where);
  const mayBeEmpty = isSet || !isNeeded;
  return questions.secret({
    message: isSet ? `${message}: already set; leave empty to keep it` : message,
    isNeeded: !mayBeEmpty,
    given: `${name} in the environment, or by --secrets-from-stdin`,
    check: (text = "") => (text === "" && mayBeEmpty ? undefined : error(text)),
  });
}

/** A token or secret that can't be guessed. */
export const newToken = () => randomBytes(32).toString("base64url");

/** What is wrong with the secrets that were given, one line each, without their values. */
export function faultsIn(given) {
  return ALL.flatMap(({ name, error }) => {
    const fault = given[name] && error(given[name]);
    return fault ? [`${name}: ${fault}`] : [];
  });
}

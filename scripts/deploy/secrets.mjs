// The secrets of a deployment: what each is for, where it is found, and what counts as one. They come
// from the environment, from standard input, or from a question; those that are set already may stay.

import { randomBytes } from "node:crypto";
import { json } from "node:stream/consumers";
import { Stop } from "../project.mjs";

const SHORTEST_TOKEN = 16;

const isUrl = (text) => URL.canParse(text) && new URL(text).protocol === "https:";
const aHook = (text) =>
  isUrl(text) ? undefined : "That is no https:// URL, such as https://hooks.slack.com/services/…";

/** In the order in which they are asked for. `complaint` says what is wrong with a value. */
export const SECRETS = [
  {
    name: "KOMBO_WEBHOOK_SECRET",
    isNeeded: true,
    message: "Kombo's webhook secret",
    where: `In Kombo's dashboard choose the environment that this deployment is for, and open Configuration,
Webhooks: https://app.kombo.dev/configuration/webhooks
The secret stands there once there is a webhook. If there is none, make one with any URL for now; the
right one is shown here in the end.`,
    complaint: (text) => (text.trim() ? undefined : "It is needed: without it nothing is taken."),
  },
  {
    name: "SLACK_WEBHOOK_URL",
    isNeeded: true,
    message: "The URL of the team's incoming webhook in Slack",
    where: `In Slack open https://api.slack.com/apps and choose Create New App, From scratch. There turn on Incoming
Webhooks, choose Add New Webhook, and the channel where the team is to read. Copy the webhook's URL.`,
    complaint: aHook,
  },
  {
    name: "SLACK_OPS_URL",
    message: "The URL of a webhook for engineers (optional)",
    where: `What concerns engineers can go to a channel of its own: add a second webhook to the same app. Without it
they read the team's channel, under a heading.`,
    complaint: aHook,
  },
  {
    name: "API_TOKEN",
    message: "A token for the API of at least 16 characters (optional: else one is made)",
    where: `It opens the routes under /v1, by which the commands of this project work. Make one yourself, or leave
this empty: one is made then, and shown once.`,
    complaint: (text) =>
      text.length >= SHORTEST_TOKEN ? undefined : `It needs ${SHORTEST_TOKEN} characters or more.`,
  },
  {
    name: "KOMBO_API_KEY",
    message: "Kombo's API key (optional)",
    where: `With it each integration is checked with Kombo about once a week, because a webhook can get lost. It has
to be of the same environment: https://app.kombo.dev/secrets`,
    complaint: () => undefined,
  },
];

/** What standard input holds: a JSON object of secrets by name. */
export async function fromStandardInput() {
  const values = await json(process.stdin).catch(() => undefined);
  const isObject = typeof values === "object" && values !== null && !Array.isArray(values);
  if (!isObject || !Object.values(values).every((value) => typeof value === "string"))
    throw new Stop("Standard input has to hold a JSON object of texts, by the names of secrets.");
  const known = new Set([...SECRETS.map(({ name }) => name), "API_READ_TOKEN"]);
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Stop(`No secret is called ${unknown.join(" or ")}.`);
  return values;
}

/**
 * The secrets that are to be set, by name. `given` is what needs no question, `there` the names of those
 * that are set already: an empty answer leaves them.
 */
export async function gather(questions, given, there) {
  const values = {};
  for (const secret of SECRETS) {
    const value = given[secret.name] || (await asked(questions, secret, there.has(secret.name)));
    const complaint = value && secret.complaint(value);
    // The value itself is never shown.
    if (complaint) throw new Stop(`${secret.name}: ${complaint}`);
    if (value) values[secret.name] = value;
  }
  if (given.API_READ_TOKEN) values.API_READ_TOKEN = given.API_READ_TOKEN;
  return values;
}

async function asked(questions, { name, message, where, isNeeded, complaint }, isThere) {
  questions.explain(where);
  const mayBeEmpty = isThere || !isNeeded;
  return questions.secret({
    message: isThere ? `${message}: it is set; leave this empty to keep it` : message,
    isNeeded: !mayBeEmpty,
    given: `${name} in the environment, or by --secrets-from-stdin`,
    check: (text = "") => (text === "" && mayBeEmpty ? undefined : complaint(text)),
  });
}

/** A token that nobody can guess. */
export const newToken = () => randomBytes(32).toString("base64url");

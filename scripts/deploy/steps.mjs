// The steps of a deployment, in order. Each one reuses what already exists, so a deployment may be
// repeated.

import { caller } from "../api.mjs";
import { called } from "../called.mjs";
import { choose } from "./options.mjs";
import { savedConfiguration, mergedConfiguration, namespaceIn, write } from "./configuration.mjs";
import { firstEvent, untilReady } from "./first-event.mjs";
import { preview } from "./preview.mjs";
import { SECRETS, fromStandardInput, gather, newToken } from "./secrets.mjs";
import { onTerminal, unattended } from "./questions.mjs";
import { deploy, namespace, running, setSecrets } from "./wrangler.mjs";
import { firstSecret, WEBHOOK_PATH } from "../local-settings.mjs";
import { prepareToBuild } from "../workers.mjs";

const EVENTS = [
  "integration-created",
  "integration-deleted",
  "integration-state-changed",
  "connection-flow-failed",
  "issue-status-changed",
];

/** The secrets that need no prompt: from the environment, and from standard input with its flag. */
async function givenSecrets(values) {
  const read = values["secrets-from-stdin"] ? await fromStandardInput() : {};
  const named = SECRETS.map(({ name }) => name).filter((name) => process.env[name] && !read[name]);
  if (named.length > 0) console.log(`Read from the environment: ${named.join(", ")}`);
  return { ...process.env, ...read };
}

/**
 * The secrets to set. Creates a token if there is none and a terminal can show it.
 */
async function secretsFor(questions, given, existing) {
  const values = await gather(questions, given, existing);
  if (values.API_TOKEN || existing.has("API_TOKEN") || !questions.isAnswered) return values;
  const token = newToken();
  console.log(`
A new API_TOKEN for this deployment. It is shown only once; store it with your other secrets:

  ${token}

It grants access to every route under /v1. The commands of this project read it from the environment.
`);
  return { ...values, API_TOKEN: token };
}

function showWhatToEnter(url) {
  console.log(`
The Worker is running. Enter this at Kombo, under Configuration > Webhooks, in the environment of this
deployment (https://app.kombo.dev/configuration/webhooks):

  URL     ${new URL(WEBHOOK_PATH, url)}
  Events  ${EVENTS.join("\n          ")}
`);
}

async function waitForKombo(url, token, { waitMinutes, since }) {
  if (waitMinutes === 0) return;
  if (!token) {
    console.log("Without API_TOKEN, setup can't check whether Kombo's events arrive.");
    return;
  }
  const call = caller({ url, token });
  const at = await firstEvent(call, (text) => console.log(`\n${text}`), {
    waiting: `Waiting up to ${waitMinutes} min for the first event. Ctrl-C only stops the waiting.
To cause one, start connecting a tool at Kombo and let it fail.`,
    limitMs: waitMinutes * 60_000,
    since,
  });
  console.log(
    at ? `\nKombo's events arrive; the last one came at ${at}.` : "\nNo event has arrived yet.",
  );
}

/** Runs all steps. */
export async function deployWorker({ values }) {
  const isAsking = process.stdin.isTTY && !values.yes && !values["dry-run"];
  const questions = isAsking ? onTerminal() : unattended;
  const given = await givenSecrets(values);
  if (values["dry-run"]) return preview(values, given);
  await prepareToBuild();

  const { key, name, file, account } = await choose.place(questions, values);
  const now = await running(name, account);
  // If the file was lost, the deployed Worker shows what was chosen.
  const before = savedConfiguration(file) ?? { vars: now?.variables };
  const jurisdiction = await choose.jurisdiction(questions, { key, values, before, now });
  const secrets = await secretsFor(questions, given, now?.secrets ?? new Set());

  const bound = now?.namespace ?? namespaceIn(before);
  const kv = bound ? { id: bound } : await namespace(`${name}-mappings`, account);
  console.log(`\nWorkers KV namespace: ${kv.id}${kv.isNew ? " (new)" : ""}`);
  write(
    key,
    file,
    mergedConfiguration(key, before, { name, account, namespace: kv.id, jurisdiction }),
  );

  const began = Date.now();
  if (Object.keys(secrets).length > 0) {
    await setSecrets(file, secrets, account);
    console.log(`Set: ${Object.keys(secrets).join(", ")}`);
  }
  const [found] = await deploy(file, account);
  const url = await choose.address(questions, values, found);
  await untilReady(url);
  showWhatToEnter(url);
  const token = secrets.API_TOKEN ?? given.API_TOKEN;
  await waitForKombo(url, token && firstSecret(token), {
    waitMinutes: choose.waitMinutes(questions, values),
    since: secrets.KOMBO_WEBHOOK_SECRET ? began : 0,
  });
  console.log(`\nTo check the deployment at any time: ${called("doctor", `--url ${url}`)}`);
}

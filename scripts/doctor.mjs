// `npm run doctor`: checks a running Worker from outside, as Kombo, a backend and a reader of Slack see
// it, and says what is wrong and how to fix it. It sends one message to the team's channel. It stores no
// event, and the Worker does not count its deliveries as Kombo's.

import { addressOf, apiOptions, isLocal } from "./api.mjs";
import { badArgument } from "./arguments.mjs";
import { called } from "./called.mjs";
import { devVars, firstSecret, runningTestbed } from "./local-settings.mjs";

const NOT_CHECKED = 2;

export const command = {
  name: "doctor",
  failure: NOT_CHECKED,
  about: `Checks a running Worker and says what is wrong and how to fix it. Sends a test message to the team's Slack channel. The Worker does not count the doctor's deliveries as Kombo's.`,
  options: {
    url: apiOptions.url,
    "no-alert": { about: "don't send the test message" },
    wait: {
      value: "seconds",
      about: `after a deployment: wait this long for the Worker to run the version of this program, which it then must`,
    },
    json: { about: "print the findings as JSON" },
  },
  notes: `Most checks need KOMBO_WEBHOOK_SECRET and API_TOKEN; API_READ_TOKEN is checked if it is given. They are read from the environment, or, for a Worker on this machine, from the running ${called("start")} or .dev.vars. Otherwise doctor asks for them if there is a terminal.

Exit code: 0 if everything is fine, 1 if something is wrong, 2 if something could not be checked.`,
  run: examine,
};

const NEEDED = {
  KOMBO_WEBHOOK_SECRET: "The Worker's Kombo webhook secret",
  API_TOKEN: "The Worker's API_TOKEN",
};

/** The secrets by name, as far as they are known. */
async function secretsFor(url) {
  const local = isLocal(url) ? localSecrets(url) : {};
  const known = { ...local, ...withoutEmpty(process.env) };
  if (process.stdin.isTTY) {
    const { onTerminal } = await import("./deploy/questions.mjs");
    // Another program may read the standard output.
    const questions = onTerminal({ output: process.stderr });
    for (const [name, message] of Object.entries(NEEDED)) {
      const prompt = `${message} (leave empty to skip its checks)`;
      known[name] ??= await questions.secret({ message: prompt, check: () => undefined });
    }
  }
  const one = (name) => known[name] && firstSecret(known[name]);
  return {
    secret: one("KOMBO_WEBHOOK_SECRET"),
    token: one("API_TOKEN"),
    readToken: one("API_READ_TOKEN"),
  };
}

function localSecrets(url) {
  const running = runningTestbed();
  if (running !== undefined && new URL(running.webhookUrl).host === url.host)
    return { KOMBO_WEBHOOK_SECRET: running.secret, API_TOKEN: running.token };
  return withoutEmpty(devVars());
}

const withoutEmpty = (values) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

/** The version that the Worker must run, after the wait for it; undefined if there was no wait. */
async function awaitedVersion(url, seconds) {
  if (seconds === undefined) return undefined;
  if (!/^\d{1,4}$/.test(seconds))
    throw badArgument(command, `--wait must be a number of seconds, not "${seconds}".`);
  const { ownVersion, untilVersion } = await import("./doctor/version.mjs");
  await untilVersion(url, ownVersion(), Number(seconds) * 1_000);
  return ownVersion();
}

async function examine({ values }) {
  const { checkAll } = await import("./doctor/checks.mjs");
  const { printed, verdictOf } = await import("./doctor/report.mjs");
  const url = addressOf(values.url);
  const version = await awaitedVersion(url, values.wait);
  const findings = await checkAll({
    url,
    version,
    ...(await secretsFor(url)),
    isAlertSent: !values["no-alert"],
  });
  console.log(printed(url, findings, values.json ? "json" : "words"));
  process.exitCode = { well: 0, wrong: 1, unasked: NOT_CHECKED }[verdictOf(findings)];
}

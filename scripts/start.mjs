// `npm start`: runs the Worker on the real runtime with stand-ins for Slack and Kombo's API and the
// console, a web page for trying them out, on this machine only. The Worker's data is kept in .state/ for
// the next start. Ctrl-C stops it.

import { once } from "node:events";
import { createServer } from "node:http";
import { readable } from "../dev/slack-text.mjs";
import { called } from "./called.mjs";
import { announceTestbed, devVars, firstSecret, isSecondTestbed } from "./local-settings.mjs";
import { commandPrefix, openState, workerFolder } from "./local-settings.mjs";
import {
  LOCAL_TOKEN,
  localSecrets,
  runningTestbed,
  stateFolder,
  DEFAULT_PORT,
} from "./local-settings.mjs";
import { WEBHOOK_PATH, withdrawTestbed } from "./local-settings.mjs";
import { Stop } from "./project.mjs";
import { developmentWorkerFolder } from "./workers.mjs";

export const command = {
  name: "start",
  about: `Runs the Worker on this machine, with a stand-in for Slack and a console in the browser. Ctrl-C stops it. The data is kept in .state/ for the next start.`,
  notes: `KOMBO_EDGE_STATE=<folder> keeps the data in another folder, and so runs a second instance next to the first one. The settings are read from .dev.vars.`,
  run,
};

// They open nothing but this testbed.
const LOCAL_LINK_SECRET = "kombo-local-link-secret-0123456789";
const LOCAL_API_KEY = "kombo-local-api-key";

// Fixed if possible, because a webhook with another URL is a new webhook to the Worker.
const DEFAULT_SLACK_PORT = 8788;
const DEFAULT_CONSOLE_PORT = 8786;

/**
 * The port if it is free, otherwise 0, which means any. A second testbed never uses the default ports.
 */
async function freePort(port) {
  if (isSecondTestbed) return 0;
  const probe = createServer();
  probe.listen(port, "127.0.0.1");
  try {
    await once(probe, "listening");
  } catch {
    return 0;
  }
  probe.close();
  await once(probe, "close");
  return port;
}

const clock = () => new Date().toTimeString().slice(0, 8);
const indented = (lines) => lines.map((line) => `         ${line}`).join("\n");

function showMessage({ json, text, isForEngineers }) {
  const lines = json === undefined ? [text] : readable(json);
  const channel = isForEngineers ? "Slack, engineers" : "Slack";
  console.log(`\n${clock()} ${channel}\n${indented(lines)}\n`);
}

function showLog({ level, message, fields }) {
  if (fields === undefined) return console.log(`${clock()} ${level}: ${message}`);
  const { at, ...rest } = fields;
  const shown = Object.entries(rest)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  console.log(`${clock()} ${level === "error" ? "error: " : ""}${shown.join(" ")}`);
}

/** The commands to try, each so that it reaches this instance. */
function commandsShown() {
  const commands = [
    ["send", "connection-flow-failed --origin-id 36123", "a customer could not connect"],
    ["send", "integration-created --origin-id 36123", "then it worked"],
    ["mapping", "36123", "what the backend reads"],
    ["mute", "36123 --for 24h", "no alerts about it for a day"],
    ["send", "--help", "all events and options"],
  ].map(([name, args, about]) => [`  ${commandPrefix}${called(name, args)}`, about]);
  const width = Math.max(...commands.map(([line]) => line.length)) + 4;
  return commands.map(([line, about]) => line.padEnd(width) + about).join("\n");
}

async function run() {
  if (runningTestbed() !== undefined) {
    throw new Stop(`\`${called("start")}\` is already running at ${runningTestbed().webhookUrl}.`);
  }
  openState();
  const buildDir = await developmentWorkerFolder();

  const settings = devVars();
  const secret = localSecrets();
  const tokens = settings.API_TOKEN || LOCAL_TOKEN;
  const token = firstSecret(tokens);
  const port = await freePort(DEFAULT_PORT);
  // Not at the top: what these import may not be installed before the setup has run.
  const { startTestbed } = await import("../dev/testbed.mjs");
  const { startConsole } = await import("../dev/console/server.mjs");
  const { startKombo } = await import("../dev/kombo-integrations.mjs");
  const kombo = await startKombo({ keys: { [LOCAL_API_KEY]: "local" }, knows: "all" });
  const running = await startTestbed({
    buildDir,
    persist: workerFolder,
    port,
    slackPort: await freePort(DEFAULT_SLACK_PORT),
    // Lets a backend under `wrangler dev`, such as examples/worker, bind this Worker.
    announce: !isSecondTestbed,
    onMessage: showMessage,
    onLog: showLog,
    bindings: (slack) => ({
      ENVIRONMENT: "local",
      ...settings,
      API_TOKEN: tokens,
      KOMBO_WEBHOOK_SECRET: secret,
      SLACK_WEBHOOK_URL: slack.url,
      SLACK_OPS_URL: slack.opsUrl,
      LINK_SECRET: LOCAL_LINK_SECRET,
      KOMBO_API_KEY: LOCAL_API_KEY,
      KOMBO_API_URL: kombo.url,
    }),
  });
  const page = await startConsole({
    testbed: running,
    secret: firstSecret(secret),
    token,
    webhookPath: WEBHOOK_PATH,
    port: await freePort(DEFAULT_CONSOLE_PORT),
  });
  const webhookUrl = String(new URL(WEBHOOK_PATH, running.edge().url));
  announceTestbed({ webhookUrl, secret, token, controlUrl: page.url });

  // Before miniflare's own listeners, which would end the process with an error. They still stop workerd
  // when this process exits. Stored data is safe at any moment.
  process.on("exit", withdrawTestbed);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.prependListener(signal, () => {
      console.log(`\nStopped. What was stored is kept in ${stateFolder}.`);
      process.exit(0);
    });
  }

  if (port === 0 && !isSecondTestbed)
    console.log(`\nPort ${DEFAULT_PORT} is in use, so another one was chosen.`);
  console.log(`
kombo-edge is running. Open its console in a browser:

  ${page.url}

  Webhook URL   ${webhookUrl}
  Secret        ${firstSecret(secret)}
  Slack         messages are shown in the console and here

Or use a second terminal:

${commandsShown()}

Ctrl-C stops it.
`);
}

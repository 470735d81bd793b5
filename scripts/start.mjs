// `npm start`: the Worker on the real runtime with a stand-in for Slack, on this machine alone. What
// it keeps lies in .state/ and is there again at the next start. Ctrl-C ends it.

import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { startSlack } from "../dev/slack.mjs";
import { readable } from "../dev/slack-text.mjs";
import { build, worker } from "./build.mjs";
import { announceStand, devVars, firstSecret, localSecrets, stand } from "./local-settings.mjs";
import {
  LOCAL_TOKEN,
  stateFolder,
  USUAL_PORT,
  WEBHOOK_PATH,
  withdrawStand,
} from "./local-settings.mjs";
import { inProject, main, Stop } from "./project.mjs";
import { setUp } from "./setup.mjs";

// Fixed where possible, because a hook whose URL changed is a new hook to the Worker.
const USUAL_SLACK_PORT = 8788;

/** The port if it is free, else 0, which means any. */
async function freePort(port) {
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

function showMessage({ json, text, path }) {
  const lines = json === undefined ? [text] : readable(json);
  const channel = path.includes("/B001/") ? "Slack, engineers" : "Slack";
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

/** Lets `npm run mapping` read the namespace, which only this process has open. */
async function startControl(edge) {
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://control");
    const kv = await edge.kv();
    const answer =
      url.pathname === "/keys"
        ? { keys: await allKeys(kv) }
        : { value: await kv.get(url.searchParams.get("key")) };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function allKeys(kv) {
  const names = [];
  let page = { cursor: undefined, list_complete: false };
  while (!page.list_complete) {
    page = await kv.list({ cursor: page.cursor });
    names.push(...page.keys.map(({ name }) => name));
  }
  return names;
}

await main(async () => {
  if (stand() !== undefined) {
    throw new Stop(`\`npm start\` runs already, at ${stand().webhookUrl}.`);
  }
  await setUp();
  await build(worker);

  const slack = await startSlack({
    port: await freePort(USUAL_SLACK_PORT),
    onMessage: showMessage,
  });
  const port = await freePort(USUAL_PORT);
  const settings = devVars();
  const secret = localSecrets();
  // Not at the top: before the set-up has run, miniflare may not be there.
  const { startWorker } = await import("../dev/worker.mjs");
  const edge = await startWorker({
    buildDir: inProject(worker.directory),
    persist: join(stateFolder, "worker"),
    port,
    // So that a backend under `wrangler dev`, such as examples/worker, can bind it.
    announce: true,
    bindings: {
      ENVIRONMENT: "local",
      API_TOKEN: LOCAL_TOKEN,
      ...settings,
      KOMBO_WEBHOOK_SECRET: secret,
      SLACK_WEBHOOK_URL: slack.url,
      ...(settings.SLACK_OPS_URL && { SLACK_OPS_URL: slack.opsUrl }),
    },
    onLog: showLog,
  });
  const control = await startControl(edge);
  const webhookUrl = String(new URL(WEBHOOK_PATH, edge.url));
  const token = settings.API_TOKEN ?? LOCAL_TOKEN;
  announceStand({
    webhookUrl,
    secret,
    token,
    controlUrl: `http://127.0.0.1:${control.address().port}`,
  });

  // Ahead of miniflare's own listeners, which would end the process with an error. They still end
  // workerd when this process exits; what it stored is safe at any moment.
  process.on("exit", withdrawStand);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.prependListener(signal, () => {
      console.log("\nStopped. What was stored is kept in .state/.");
      process.exit(0);
    });
  }

  if (port === 0) console.log(`\nPort ${USUAL_PORT} is taken, so another one is used.`);
  console.log(`
kombo-edge is running.

  Webhook URL   ${webhookUrl}
  Secret        ${firstSecret(secret)}
  Slack         messages are shown here

In a second terminal:

  npm run send -- connection-flow-failed --origin-id 36123    a customer could not connect
  npm run send -- integration-created --origin-id 36123       then it worked
  npm run mapping -- 36123                                    what the backend reads
  npm run mute -- 36123 --for 24h                             nobody hears of it for a day
  npm run send -- --help                                      all events and options

Ctrl-C ends it.
`);
});

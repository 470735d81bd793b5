// `npm run send -- <event>`: signs and posts an event as Kombo does, and prints the response.

import { readFileSync } from "node:fs";
import { deliver, eventNames, makeEvent } from "../dev/kombo.mjs";
import { argumentsOf } from "./arguments.mjs";
import {
  firstSecret,
  localSecrets,
  runningTestbed,
  DEFAULT_PORT,
  WEBHOOK_PATH,
} from "./local-settings.mjs";
import { main, Stop } from "./project.mjs";

const usage = `Usage: npm run send -- <event> [options]
       npm run send -- --file <file> [options]

Signs and posts an event as Kombo does, with a new event id each time.

  --origin-id <id>        your id for the customer; null sends null
  --organization <name>   the customer's name
  --email <address>       the contact; null sends null
  --tool <tool>           such as personio
  --category <category>   HRIS, ATS, ASSESSMENT or LMS
  --integration-id <id>   such as personio:CBNMt7dSNCzBdnRTx87dev4E
  --id <id>               the event id, to send one event twice
  --file <file>           send a file's bytes unchanged
  --url <url>             the webhook URL; default: that of the running npm start
  --secret <secret>       default: that of the running npm start, or of .dev.vars

Events:
${eventNames.map((name) => `  ${name}`).join("\n")}`;

const text = { type: "string" };
const options = {
  "origin-id": text,
  organization: text,
  email: text,
  tool: text,
  category: text,
  "integration-id": text,
  id: text,
  file: text,
  url: text,
  secret: text,
};

const orNull = (value) => (value === "null" ? null : value);

function bodyFrom(name, values) {
  if (values.file !== undefined) return readFileSync(values.file);
  if (name === undefined) throw new Stop(usage);
  if (!eventNames.includes(name)) {
    const known = eventNames.map((one) => `  ${one}`).join("\n");
    throw new Stop(`Unknown event "${name}". Known events:\n${known}`);
  }
  return makeEvent(name, {
    id: values.id,
    originId: orNull(values["origin-id"]),
    organization: values.organization,
    email: orNull(values.email),
    tool: values.tool,
    category: values.category,
    integrationId: values["integration-id"],
  });
}

function webhookUrl(given, running) {
  if (given === undefined) {
    return running?.webhookUrl ?? `http://127.0.0.1:${DEFAULT_PORT}${WEBHOOK_PATH}`;
  }
  if (!URL.canParse(given)) throw new Stop(`--url ${given} is not a URL.`);
  const url = new URL(given);
  return url.pathname === "/" ? new URL(WEBHOOK_PATH, url) : url;
}

await main(async () => {
  const { values, positionals } = argumentsOf(usage, options, { maxPositionals: 1 });

  const body = bodyFrom(positionals[0], values);
  const running = runningTestbed();
  const url = webhookUrl(values.url, running);
  const secret = values.secret ?? firstSecret(running?.secret ?? localSecrets());

  let response;
  try {
    response = await deliver(url, body, { secret });
  } catch (error) {
    const why = error.cause?.message || error.cause?.code || error.message;
    throw new Stop(`${url} could not be reached (${why}). Is \`npm start\` running?`);
  }
  if (body.type) console.log(`${body.type}, id ${body.id}`);
  console.log(`${response.status} ${await response.text()}`);
  if (!response.ok) process.exitCode = 1;
});

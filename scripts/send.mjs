// `npm run send -- <event>`: signs and posts an event as Kombo does, and prints the response.

import { deliver, eventNames, fieldsOf, integrationIdOf, makeEvent } from "../dev/kombo.mjs";
import { isLocal } from "./api.mjs";
import { badArgument } from "./arguments.mjs";
import { called } from "./called.mjs";
import { readBytes } from "./files.mjs";
import { firstSecret, localSecrets, runningTestbed, WEBHOOK_PATH } from "./local-settings.mjs";
import { Stop } from "./project.mjs";

export const command = {
  name: "send",
  forms: ["<event>", "--file <file>"],
  operands: ["[event]"],
  about: "Signs and posts an event as Kombo does, with a new event id each time.",
  options: {
    "origin-id": { value: "id", about: "your id for the customer; null sends null" },
    organization: { value: "name", about: "the customer's name" },
    email: { value: "address", about: "the contact; null sends null" },
    tool: { value: "tool", about: "such as personio" },
    category: { value: "category", about: "HRIS, ATS, ASSESSMENT or LMS" },
    "integration-id": {
      value: "id",
      about:
        "such as personio:CBNMt7dSNCzBdnRTx87dev4E; default: always the same for a customer, tool and category, as at Kombo",
    },
    id: { value: "id", about: "the event id, to send one event twice" },
    file: { value: "file", about: "send a file's bytes unchanged" },
    url: {
      value: "url",
      about: `the webhook URL; default: that of the running ${called("start")}`,
    },
    secret: {
      value: "secret",
      about: `default: that of the running ${called("start")}; for another URL KOMBO_WEBHOOK_SECRET, which unlike an argument other users of this machine can't see`,
    },
  },
  notes: `Events:\n${eventNames.map((name) => `  ${name}`).join("\n")}`,
  run,
};

const orNull = (value) => (value === "null" ? null : value);

function bodyFrom(name, values) {
  if (values.file !== undefined) return readBytes(values.file);
  if (name === undefined)
    throw badArgument(command, "The event is missing, such as integration-created.");
  if (!eventNames.includes(name)) throw badArgument(command, `Unknown event "${name}".`);
  const changes = {
    originId: orNull(values["origin-id"]),
    organization: values.organization,
    email: orNull(values.email),
    tool: values.tool,
    category: values.category,
  };
  const integrationId = values["integration-id"] ?? integrationIdFor(name, changes);
  return makeEvent(name, { id: values.id, ...changes, integrationId });
}

/** The id of the customer's integration; undefined if the event is about something else. */
function integrationIdFor(name, changes) {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const known = { ...fieldsOf(name), ...Object.fromEntries(given) };
  const isAboutOne = ["integrationId", "originId", "tool"].every((key) => known[key] !== undefined);
  return isAboutOne ? integrationIdOf(known) : undefined;
}

function webhookUrl(given, running) {
  if (given === undefined && running === undefined)
    throw new Stop(
      `Nothing was sent: \`${called("start")}\` isn't running. Start it, or pass --url.`,
    );
  const text = given ?? running.webhookUrl;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw badArgument(command, `--url is not a URL such as http://127.0.0.1:8787: ${text}`);
  const url = new URL(text);
  return url.pathname === "/" ? new URL(WEBHOOK_PATH, url) : url;
}

function secretFor(url, given, running) {
  const isRunning = running !== undefined && new URL(running.webhookUrl).host === url.host;
  const secrets =
    given ??
    (isRunning ? running.secret : process.env.KOMBO_WEBHOOK_SECRET) ??
    (isLocal(url) ? localSecrets() : undefined);
  if (!secrets?.trim())
    throw new Stop("Nothing was sent: with which secret? Set KOMBO_WEBHOOK_SECRET.");
  return firstSecret(secrets);
}

async function run({ values, positionals }) {
  const body = bodyFrom(positionals[0], values);
  const running = runningTestbed();
  const url = webhookUrl(values.url, running);
  const secret = secretFor(url, values.secret, running);

  console.log(`POST ${url}`);
  let response;
  try {
    response = await deliver(url, body, { secret });
  } catch (error) {
    const why = error.cause?.message || error.cause?.code || error.message;
    throw new Stop(`${url.origin} could not be reached: ${why}`);
  }
  if (body.type) console.log(`${body.type}, id ${body.id}`);
  console.log(`${response.status} ${await response.text()}`);
  if (!response.ok) process.exitCode = 1;
}

// `npm run close -- <handle>`: closes an incident whose end Kombo never reported, by the short handle
// of the integration that Slack shows. The incident's key contains the hash that the handle is cut from.

import { apiOptions, caller, pages } from "./api.mjs";
import { handleIn } from "./handle.mjs";
import { Stop } from "./project.mjs";

export const command = {
  name: "close",
  forms: ["<handle>", "environment", "<key>"],
  operands: ["<handle>"],
  about: `Closes an open incident whose end Kombo never reported: that of the integration with this handle, that of the whole environment, or the one with this key in GET /v1/incidents.`,
  options: apiOptions,
  run,
};

/** Whether an incident is the one that someone named. */
const isNamed = (key, name) =>
  key === name ||
  (name === "environment" && key === "incident:environment:environment") ||
  (key.includes(":integration:") && handleIn(key.slice(key.lastIndexOf(":") + 1)) === name);

async function find(call, name) {
  for await (const { key } of pages(call, "incidents")) if (isNamed(key, name)) return key;
  throw new Stop(`No open incident is about ${name}. GET /v1/incidents lists all of them.`);
}

async function run({ values, positionals }) {
  const [given] = positionals;
  const call = caller(values);
  const name = given.replace(/^#/, "");
  await call("DELETE", `/v1/incidents/${encodeURIComponent(await find(call, name))}`);
  console.log(`The incident about ${name} is closed.`);
}

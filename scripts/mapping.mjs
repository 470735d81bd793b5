// `npm run mapping -- <origin id>`: prints what a backend would read about a customer from Workers KV of
// the running `npm start`. Without an id, prints all keys.

import { called } from "./called.mjs";
import { runningTestbed } from "./local-settings.mjs";
import { Stop } from "./project.mjs";

export const command = {
  name: "mapping",
  operands: ["[customer id]"],
  about: `Prints what a backend would read about a customer from Workers KV of the running ${called("start")}. Without an id, prints all keys.`,
  run,
};

async function run({ positionals: [originId] }) {
  const running = runningTestbed();
  if (running === undefined)
    throw new Stop(`\`${called("start")}\` isn't running, so there is no mapping to read.`);

  if (originId === undefined) {
    const { keys } = await ask(running, "/keys");
    return console.log(keys.length > 0 ? keys.join("\n") : "The namespace is empty.");
  }
  const key = `customer:${originId}`;
  const { value } = await ask(running, `/value?key=${encodeURIComponent(key)}`);
  if (value === null) return console.log(`There is no mapping for customer ${originId}.`);
  console.log(JSON.stringify(JSON.parse(value), null, 2));
}

async function ask(running, path) {
  try {
    const response = await fetch(new URL(path, running.controlUrl));
    return await response.json();
  } catch (error) {
    throw new Stop(
      `\`${called("start")}\` does not respond: ${error.cause?.message ?? error.message}`,
    );
  }
}

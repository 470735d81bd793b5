// `npm run ask -- GET /v1/status`: calls one route of the API, and prints the response. The token comes
// from the environment, so that it does not appear in the list of processes, as it would with curl.

import { apiOptions, caller } from "./api.mjs";
import { badArgument } from "./arguments.mjs";

export const command = {
  name: "ask",
  operands: ["<method>", "<path>"],
  about: `Calls a route of the API, such as GET /v1/status, and prints the response. Ids in a path must be percent-encoded.`,
  options: {
    json: { value: "json", about: "the body of the request" },
    ...apiOptions,
  },
  run,
};

const METHODS = ["GET", "PUT", "POST", "DELETE"];
// A path that begins with two slashes would name another host, which would get the token.
const PATH = /^\/(v1|healthz)(\/|$)/;

function bodyOf(text) {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw badArgument(command, '--json must be quoted JSON: --json \'{"origin_id": "42"}\'.');
  }
}

async function run({ values, positionals }) {
  const [method, path] = positionals;
  if (!METHODS.includes(method))
    throw badArgument(command, `The method must be ${METHODS.join(", ")}, not "${method}".`);
  if (!PATH.test(path))
    throw badArgument(command, `The path must be /healthz or begin with /v1/, not "${path}".`);
  const answer = await caller(values)(method, path, bodyOf(values.json));
  console.log(answer === undefined ? "Done." : JSON.stringify(answer, null, 2));
}

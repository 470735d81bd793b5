// `npm run ask -- GET /v1/status`: calls one route of the API, and prints the response. The token comes
// from the environment, so that it does not appear in the list of processes, as it would with curl.

import { apiOptions, apiUsage, caller } from "./api.mjs";
import { argumentsOf } from "./arguments.mjs";
import { main, Stop } from "./project.mjs";

const usage = `Usage: npm run ask -- <method> <path> [options]

Calls a route of the API, such as GET /v1/status, and prints the response. Ids in a path must be
percent-encoded.

  --json <json>    the body of the request
${apiUsage}`;

const METHODS = ["GET", "PUT", "POST", "DELETE"];
// A path that begins with two slashes would name another host, which would get the token.
const PATH = /^\/(v1|healthz)(\/|$)/;

function bodyOf(text) {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Stop('--json must be quoted JSON: --json \'{"origin_id": "42"}\'.');
  }
}

await main(async () => {
  const options = { ...apiOptions, json: { type: "string" } };
  const { values, positionals } = argumentsOf(usage, options, { maxPositionals: 2 });
  const [method, path] = positionals;
  if (!METHODS.includes(method) || !PATH.test(path)) throw new Stop(usage);
  const answer = await caller(values)(method, path, bodyOf(values.json));
  console.log(answer === undefined ? "Done." : JSON.stringify(answer, null, 2));
});

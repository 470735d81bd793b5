// A client of the Worker's API: which deployment to call, with which token, and what its responses mean.
// The defaults come from the environment, or from the running `npm start`.

import { runningTestbed } from "./local-settings.mjs";
import { Stop } from "./project.mjs";

/** The options of every command that calls the API. */
export const apiOptions = { url: { type: "string" }, token: { type: "string" } };

export const apiUsage = `  --url <url>      the Worker; default: KOMBO_EDGE_URL, or the running npm start
  --token <token>  default: API_TOKEN, or the token of the running npm start. Prefer API_TOKEN: other users
                   of this machine can see arguments, and the shell keeps them in its history`;

/** The Worker's URL, if a token may be sent to it. Otherwise throws a Stop that says why not. */
export function addressOf(url) {
  const base = url ?? process.env.KOMBO_EDGE_URL ?? runningTestbed()?.webhookUrl;
  if (base === undefined) throw new Stop("Which Worker? Pass --url, or set KOMBO_EDGE_URL.");
  if (!URL.canParse(base)) throw new Stop(`--url ${base} is not a URL.`);
  if (!isSafe(new URL(base))) throw new Stop(`A token is only sent over https://, not to ${base}.`);
  return new URL(base);
}

/** A function that calls a path of the API and returns the response. It rejects with a Stop. */
export function caller({ url, token }) {
  const base = addressOf(url);
  const bearer = token ?? process.env.API_TOKEN ?? runningTestbed()?.token;
  if (!bearer) throw new Stop("A token is required: pass --token, or set API_TOKEN.");

  return async (method, path, json) => {
    const target = new URL(path, base);
    let response;
    try {
      response = await fetch(target, {
        method,
        headers: {
          authorization: `Bearer ${bearer}`,
          ...(json !== undefined && { "content-type": "application/json" }),
        },
        body: json === undefined ? undefined : JSON.stringify(json),
      });
    } catch (error) {
      const why = error.cause?.message || error.cause?.code || error.message;
      throw new Stop(`${target.origin} could not be reached: ${why}`);
    }
    const text = await response.text();
    if (!response.ok) throw problemFrom(response.status, text);
    return text === "" ? undefined : JSON.parse(text);
  };
}

/** Whether the connection is private: encrypted, or within this machine. */
const isSafe = (url) => url.protocol === "https:" || (url.protocol === "http:" && isLocal(url));

/** Whether a URL names this machine. */
export const isLocal = ({ hostname }) => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/** Every item of a list, read page by page. */
export async function* pages(call, name) {
  let cursor = "";
  do {
    const page = await call("GET", `/v1/${name}?limit=1000&cursor=${encodeURIComponent(cursor)}`);
    yield* page[name];
    cursor = page.cursor;
  } while (cursor !== null);
}

/** The `type` of the problem for a resource that does not exist. */
export const NOTHING = "urn:kombo-edge:problem:nothing";

/** An error response as a Stop, with the `type` of the problem. */
function problemFrom(status, text) {
  try {
    const { type, title, detail } = JSON.parse(text);
    return Object.assign(new Stop(`${status} ${title}: ${detail}`), { type });
  } catch {
    return new Stop(`${status} ${text.slice(0, 200)}`);
  }
}

// A caller of the Worker's API: which deployment, with which token, and what its answers mean. What
// is not given is taken from the environment, or from the running `npm start`.

import { runningTestbed } from "./local-settings.mjs";
import { Stop } from "./project.mjs";

/** Options that every command has which calls the API. */
export const apiOptions = { url: { type: "string" }, token: { type: "string" } };

export const apiUsage = `  --url <url>      the Worker; default: KOMBO_EDGE_URL, or the running npm start
  --token <token>  default: API_TOKEN of the environment, or that of the running npm start. Others on
                   this machine see arguments, and the shell remembers them: better is API_TOKEN`;

/** The Worker's address as a URL that a token may be sent to. Rejects with a Stop in words. */
export function addressOf(url) {
  const base = url ?? process.env.KOMBO_EDGE_URL ?? runningTestbed()?.webhookUrl;
  if (base === undefined) throw new Stop("Which Worker? Give --url, or set KOMBO_EDGE_URL.");
  if (!URL.canParse(base)) throw new Stop(`--url ${base} is not a URL.`);
  if (!isSafe(new URL(base))) throw new Stop(`A token goes to https:// alone, not to ${base}.`);
  return new URL(base);
}

/** Calls a path of the API, and gives back its answer. Rejects with a Stop in words. */
export function caller({ url, token }) {
  const base = addressOf(url);
  const bearer = token ?? process.env.API_TOKEN ?? runningTestbed()?.token;
  if (!bearer) throw new Stop("A token is needed: give --token, or set API_TOKEN.");

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
    if (!response.ok) throw refusal(response.status, text);
    return text === "" ? undefined : JSON.parse(text);
  };
}

/** Whether nobody on the way can read what is sent: in the clear only to this machine. */
const isSafe = (url) => url.protocol === "https:" || (url.protocol === "http:" && isLocal(url));

/** Whether a URL names this machine. */
export const isLocal = ({ hostname }) => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/** Every item of a list, page by page. */
export async function* pages(call, name) {
  let cursor = "";
  do {
    const page = await call("GET", `/v1/${name}?limit=1000&cursor=${encodeURIComponent(cursor)}`);
    yield* page[name];
    cursor = page.cursor;
  } while (cursor !== null);
}

/** The `type` of the problem that a requested resource does not exist. */
export const NOTHING = "urn:kombo-edge:problem:nothing";

/** A refusal as an error, with the problem's `type`. */
function refusal(status, text) {
  try {
    const { type, title, detail } = JSON.parse(text);
    return Object.assign(new Stop(`${status} ${title}: ${detail}`), { type });
  } catch {
    return new Stop(`${status} ${text.slice(0, 200)}`);
  }
}

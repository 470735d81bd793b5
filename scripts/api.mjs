// A client of the Worker's API: which deployment to call, with which token, and what its responses mean.
// The defaults come from the environment, or from the running `npm start`.

import { called } from "./called.mjs";
import { firstSecret, runningTestbed } from "./local-settings.mjs";
import { Stop } from "./project.mjs";

/** The options of every command that calls the API. */
export const apiOptions = {
  url: {
    value: "url",
    about: `the Worker; default: KOMBO_EDGE_URL, or the running ${called("start")}`,
  },
  token: {
    value: "token",
    about: `default: API_TOKEN, or the token of the running ${called("start")}. Prefer API_TOKEN: other users of this machine can see arguments, and the shell keeps them in its history`,
  },
};

/** The Worker's URL, if a token may be sent to it. Otherwise throws a Stop that says why not. */
export function addressOf(url) {
  const base = url ?? process.env.KOMBO_EDGE_URL ?? runningTestbed()?.webhookUrl;
  const source = url === undefined ? "KOMBO_EDGE_URL" : "--url";
  if (base === undefined) throw new Stop("Which Worker? Pass --url, or set KOMBO_EDGE_URL.");
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol))
    throw new Stop(
      `${source} is not a URL such as https://kombo-edge.example.workers.dev: ${base}`,
    );
  if (!isSafe(new URL(base))) throw new Stop(`A token is only sent over https://, not to ${base}.`);
  return new URL(base);
}

/** A function that calls a path of the API and returns the response. It rejects with a Stop. */
export function caller({ url, token }) {
  const base = addressOf(url);
  const bearer = tokenFrom(token);
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
      throw forAll(`${target.origin} could not be reached: ${why}`);
    }
    const text = await response.text().catch(() => "");
    if (!response.ok) throw problemFrom(target, response.status, text);
    return text === "" ? undefined : answerIn(text, target);
  };
}

function tokenFrom(token) {
  const given = token ?? process.env.API_TOKEN ?? runningTestbed()?.token;
  if (!given?.trim()) throw new Stop("A token is required: pass --token, or set API_TOKEN.");
  const bearer = firstSecret(given);
  if (!/^[\x21-\x7e]+$/.test(bearer))
    throw new Stop(
      `${token ? "--token" : "API_TOKEN"} has a character that no token has. Copy it again.`,
    );
  return bearer;
}

/** A Stop that every other call would end with too, so there is no point in repeating them. */
export const forAll = (message) => Object.assign(new Stop(message), { isForAll: true });

function answerIn(text, { origin }) {
  try {
    return JSON.parse(text);
  } catch {
    throw forAll(`${origin} is not a kombo-edge Worker: its answer is not JSON. Check the URL.`);
  }
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
const API_DISABLED = "urn:kombo-edge:problem:api-disabled";

/** An error response as a Stop, with its `status` and the `type` of the problem. */
function problemFrom({ origin }, status, text) {
  if (status === 401)
    return forAll(
      `${origin} rejects the token. Pass the API_TOKEN of this Worker; API_READ_TOKEN only reads.`,
    );
  const { type, title, detail } = problemIn(text);
  const message = title ? `${title}: ${detail}` : text.slice(0, 200).trim();
  const problem = type === API_DISABLED ? forAll : (words) => new Stop(words);
  return Object.assign(problem(`${status} ${message}`), { status, type });
}

function problemIn(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

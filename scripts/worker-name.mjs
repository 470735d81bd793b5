// The name of the Worker behind a URL, which wrangler and Cloudflare's API need.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { isLocal } from "./api.mjs";
import { called } from "./called.mjs";
import { inProject, inUserFolder } from "./project.mjs";

const WORKERS_DEV = ".workers.dev";

/** The name of the Worker at a URL; undefined if neither the URL nor a file of the setup says it. */
export function workerAt(url) {
  if (isLocal(url)) return nameIn(inProject("wrangler.toml"));
  if (url.hostname.endsWith(WORKERS_DEV)) return url.hostname.split(".")[0];
  const file = readdirSync(inUserFolder())
    .filter((name) => /^wrangler\..+\.toml$/.test(name))
    .map((name) => inUserFolder(name))
    .find((path) => text(path).includes(`"${url.hostname}`));
  return file && nameIn(file);
}

/** The options by which `npm run setup` finds the Worker at a URL. */
export const setupCommand = (url) => called("setup", `--name ${workerAt(url) ?? "<name>"}`);

/** The command that sets a secret of the Worker at a URL. */
export function secretCommand(url, secret) {
  const name = workerAt(url) ?? "<name>";
  const file = `wrangler.${name}.toml`;
  const which = existsSync(inUserFolder(file)) ? `--config ${file}` : `--name ${name}`;
  return `npx wrangler secret put ${secret} ${which}`;
}

/** The command that shows the log of the Worker at a URL. */
export const logCommand = (url) => `npx wrangler tail ${workerAt(url) ?? "<name>"}`;

const text = (path) => readFileSync(path, "utf8");
const nameIn = (path) => text(path).match(/^name\s*=\s*"([^"]+)"/m)?.[1];

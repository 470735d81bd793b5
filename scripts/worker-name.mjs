// The name of the Worker behind a URL, which wrangler and Cloudflare's API need.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { isLocal } from "./api.mjs";
import { inProject } from "./project.mjs";

const WORKERS_DEV = ".workers.dev";

/** The name of the Worker at a URL; undefined if neither the URL nor a file of the setup says it. */
export function workerAt(url) {
  if (isLocal(url)) return nameIn("wrangler.toml");
  if (url.hostname.endsWith(WORKERS_DEV)) return url.hostname.split(".")[0];
  const file = readdirSync(inProject()).find(
    (name) => /^wrangler\..+\.toml$/.test(name) && text(name).includes(`"${url.hostname}`),
  );
  return file && nameIn(file);
}

/** The options by which `npm run setup` finds the Worker at a URL. */
export const setupCommand = (url) => `npm run setup -- --name ${workerAt(url) ?? "<name>"}`;

/** A command of wrangler for the Worker at a URL. */
export function wranglerCommand(url, ...args) {
  const name = workerAt(url) ?? "<name>";
  const file = `wrangler.${name}.toml`;
  const which = existsSync(inProject(file)) ? `--config ${file}` : `--name ${name}`;
  return `npx wrangler ${[...args, which].join(" ")}`;
}

const text = (file) => readFileSync(inProject(file), "utf8");
const nameIn = (file) => text(file).match(/^name\s*=\s*"([^"]+)"/m)?.[1];

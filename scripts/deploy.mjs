// `npm run setup`: deploys the Worker, and shows what to enter at Kombo. It prompts for the settings that
// neither the flags nor the environment have. It may be repeated, and does not change what was set in
// Cloudflare's dashboard.

import { DEPLOYMENTS } from "./deploy/configuration.mjs";
import { DEFAULT_WAIT_MINUTES, JURISDICTIONS } from "./deploy/options.mjs";
import { deployWorker } from "./deploy/steps.mjs";

export const command = {
  name: "setup",
  about: `Deploys the Worker: prompts for the settings, creates the Workers KV namespace, sets the secrets, deploys, shows what to enter at Kombo, and waits for the first event. Run it again at any time, for example to deploy a newer version.`,
  options: {
    deployment: { value: "which", about: Object.keys(DEPLOYMENTS).join(", ") },
    name: { value: "name", about: "the Worker's name; default: as in wrangler.toml" },
    account: {
      value: "id",
      about: "Cloudflare's account; default: CLOUDFLARE_ACCOUNT_ID, or the only one there is",
    },
    jurisdiction: {
      value: "where",
      about: `where objects are stored, permanently: ${JURISDICTIONS.join(", ")}`,
    },
    url: { value: "url", about: "the Worker's URL, if it is on a route" },
    wait: {
      value: "minutes",
      about: `how long to wait for the first event; default: ${DEFAULT_WAIT_MINUTES}, or 0 without prompts`,
    },
    yes: { about: "don't prompt: for scripts" },
    "secrets-from-stdin": { about: "read secrets from standard input, as a JSON object" },
    "dry-run": {
      about:
        "show the configuration and the commands, check the secrets that are given, and do nothing",
    },
  },
  notes: `Secrets in environment variables of the same name are not prompted for. Without a terminal there are no prompts, and wrangler needs CLOUDFLARE_API_TOKEN.`,
  run: deployWorker,
};

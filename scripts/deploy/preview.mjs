// `npm run setup -- --dry-run`: what the set-up would write and run, by flags and the environment alone.
// It asks nobody, not even Cloudflare, so what it can't know stands in angle brackets.

import { basename } from "node:path";
import { checked } from "./options.mjs";
import { fileOf, savedConfiguration, namespaceIn, settled, written } from "./configuration.mjs";
import { SECRETS } from "./secrets.mjs";
import { createNamespace, deployCommand, secretsCommand, shown } from "./wrangler.mjs";

const NAMESPACE = "<its id>";

export function preview(values) {
  const { key, usual } = checked(values);
  const name = values.name ?? usual;
  const file = fileOf(name);
  const before = savedConfiguration(file) ?? {};
  const known = namespaceIn(before);
  const title = `${name}-mappings`;
  const steps = [
    ["Checks whether wrangler is logged in", shown(["whoami", "--json"])],
    [
      "Checks what is deployed already",
      shown(["deployments", "status", "--name", name, "--json"]),
      shown(["versions", "view", "<its id>", "--name", name, "--json"]),
    ],
    ...(known
      ? []
      : [
          ["Looks up the namespace", shown(["kv", "namespace", "list"])],
          [`Creates ${title} if it does not exist`, shown(createNamespace(title))],
        ]),
    [
      "Sets the secrets that were given; wrangler reads them from its standard input",
      `${shown(secretsCommand(file))} < ${secretsShown()}`,
    ],
    ["Builds if something changed, and deploys", shown(deployCommand(file))],
  ];
  const configuration = settled(key, before, {
    name,
    account: values.account ?? before.account_id ?? process.env.CLOUDFLARE_ACCOUNT_ID,
    namespace: known ?? NAMESPACE,
    jurisdiction: where(values, before),
  });
  for (const [what, ...commands] of steps) console.log(`# ${what}:\n${commands.join("\n")}\n`);
  console.log(`# ${basename(file)}, written before the secrets are set:\n`);
  console.log(written(key, configuration));
  console.log("This was a dry run: nothing was changed.");
}

function where({ jurisdiction }, before) {
  if (jurisdiction === undefined) return before.vars?.JURISDICTION ?? "<asked for>";
  return jurisdiction === "none" ? undefined : jurisdiction;
}

// Names alone: a secret that was given is not shown.
function secretsShown() {
  const shownValue = ({ name, isNeeded }) => {
    if (process.env[name]) return [`${name}: <from the environment>`];
    return isNeeded ? [`${name}: <asked for>`] : [];
  };
  return `{ ${SECRETS.flatMap(shownValue).join(", ")} }`;
}

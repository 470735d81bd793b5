// `npm run setup -- --dry-run`: shows what the setup would write and run, given the flags and the
// secrets, which it checks. It neither prompts nor calls Cloudflare; what it can't know is shown in angle
// brackets.

import { basename } from "node:path";
import { isPackaged, Stop } from "../project.mjs";
import { checkFlags } from "./options.mjs";
import {
  fileOf,
  savedConfiguration,
  fileText,
  mergedConfiguration,
  namespaceIn,
} from "./configuration.mjs";
import { SECRETS, faultsIn } from "./secrets.mjs";
import { createNamespace, deployCommand, commandLine, secretsCommand } from "./wrangler.mjs";

const NAMESPACE = "<its id>";

/** Shows it. `given` has the secrets by name. Throws a Stop if one of them is invalid. */
export function preview(values, given) {
  const { key, defaultName } = checkFlags(values);
  const name = values.name ?? defaultName;
  const file = fileOf(name);
  const before = savedConfiguration(file) ?? {};
  const known = namespaceIn(before);
  const title = `${name}-mappings`;
  const steps = [
    ["Checks whether wrangler is logged in", commandLine(["whoami", "--json"])],
    [
      "Checks what is deployed already",
      commandLine(["deployments", "status", "--name", name, "--json"]),
      commandLine(["versions", "view", "<its id>", "--name", name, "--json"]),
    ],
    ...(known
      ? []
      : [
          ["Looks up the namespace", commandLine(["kv", "namespace", "list"])],
          [`Creates ${title} if it does not exist`, commandLine(createNamespace(title))],
        ]),
    [
      "Sets the secrets that were given; wrangler reads them from its standard input",
      `${commandLine(secretsCommand(file))} < ${secretsShown(given)}`,
    ],
    [
      isPackaged ? "Deploys" : "Builds if something changed, and deploys",
      commandLine(deployCommand(file)),
    ],
  ];
  const configuration = mergedConfiguration(key, before, {
    name,
    account: values.account ?? before.account_id ?? process.env.CLOUDFLARE_ACCOUNT_ID,
    namespace: known ?? NAMESPACE,
    jurisdiction: jurisdictionShown(values, before),
  });
  for (const [what, ...commands] of steps) console.log(`# ${what}:\n${commands.join("\n")}\n`);
  console.log(`# ${basename(file)}, which is written before the secrets are set:\n`);
  console.log(fileText(key, configuration));
  console.log("This was a dry run: nothing was changed.");
  const faults = faultsIn(given);
  if (faults.length > 0) throw new Stop(`The setup would stop here:\n${faults.join("\n")}`);
}

function jurisdictionShown({ jurisdiction }, before) {
  if (jurisdiction === undefined) return before.vars?.JURISDICTION ?? "<from a prompt>";
  return jurisdiction === "none" ? undefined : jurisdiction;
}

// Only the names: the values of secrets are not shown.
function secretsShown(given) {
  const shownValue = ({ name, isNeeded }) => {
    if (given[name]) return [`${name}: <as given>`];
    return isNeeded ? [`${name}: <from a prompt>`] : [];
  };
  return `{ ${SECRETS.flatMap(shownValue).join(", ")} }`;
}

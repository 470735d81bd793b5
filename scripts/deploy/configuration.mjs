// The configuration of one deployment: its part of wrangler.toml and its own options, in a separate file
// that git ignores. So an update of wrangler.toml never conflicts with a deployment, and takes effect at
// the next `npm run setup`. Secrets are never written to a file.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { parse, stringify } from "smol-toml";
import { called } from "../called.mjs";
import { inProject, inUserFolder, isPackaged, Stop } from "../project.mjs";

const TEMPLATE = "wrangler.toml";
const MAPPINGS = "MAPPINGS";

/** The deployment that the top level of wrangler.toml configures, without a section of its own. */
export const TOP = "production";

/** The deployments in wrangler.toml, each with its Kombo environment. */
export const DEPLOYMENTS = {
  production: "Kombo's production, EU",
  "production-us": "Kombo's production, US",
  development: "Kombo's development environment, EU",
  "development-us": "Kombo's development environment, US",
};

/** wrangler.toml, parsed. With an installed package, the Worker is where the package is, and built. */
export function template() {
  const { build, main, ...rest } = parse(readFileSync(inProject(TEMPLATE), "utf8"));
  return isPackaged
    ? { ...rest, main: relative(inUserFolder(), inProject(main)) }
    : { ...rest, main, build };
}

/** A deployment as wrangler sees it: its section, and what a section inherits from the top level. */
export function deployment(key) {
  const { env, ...top } = template();
  if (key === TOP) return top;
  if (!Object.hasOwn(env, key))
    throw new Stop(
      `Unknown deployment "${key}". Known deployments: ${Object.keys(DEPLOYMENTS).join(", ")}`,
    );
  return { ...top, ...env[key] };
}

/** The path of a deployment's file, from the name of its Worker. */
export const fileOf = (name) => inUserFolder(`wrangler.${name}.toml`);

/** The configuration in a deployment's file; undefined if there is no file yet. */
export function savedConfiguration(file) {
  if (!existsSync(file)) return undefined;
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Stop(`${basename(file)} can't be read: ${error.message}`);
  }
}

/** The id of the namespace that a configuration binds, if there is one. */
export const namespaceIn = ({ kv_namespaces: all = [] }) =>
  all.find(({ binding }) => binding === MAPPINGS)?.id;

/**
 * The configuration of a deployment. It keeps from the saved one the variables, and everything that
 * wrangler.toml does not have, such as routes and limits.
 */
export function mergedConfiguration(key, before, { name, account, namespace, jurisdiction }) {
  const { vars, ...fresh } = deployment(key);
  return {
    ...before,
    ...fresh,
    name,
    ...(account && { account_id: account }),
    kv_namespaces: [{ binding: MAPPINGS, ...(namespace && { id: namespace }) }],
    vars: { ...vars, ...before.vars, ...(jurisdiction && { JURISDICTION: jurisdiction }) },
  };
}

// The repository's own .gitignore names the file, because the repository is not the user's.
const KEEP = isPackaged
  ? "Commit this file."
  : "Git ignores this file: keep a copy, or give the same answers again.";

/** The text of a configuration's file. */
export const fileText = (
  key,
  configuration,
) => `# ${DEPLOYMENTS[key]}: the configuration of one deployment.
#
# \`${called("setup", `--deployment ${key} --name ${configuration.name}`)}\` generates it from ${TEMPLATE}. It keeps [vars], which you may change here, and everything
# that ${TEMPLATE} does not have, such as routes or limits; it removes comments. ${KEEP}
# Secrets are never written here.

${stringify(configuration)}`;

/** Writes the file of a deployment. */
export function write(key, file, configuration) {
  writeFileSync(file, fileText(key, configuration));
  console.log(`Wrote ${basename(file)}`);
}

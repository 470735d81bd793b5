// The configuration of one deployment: what wrangler.toml says of it, with what was chosen for it, in a
// file of its own that git ignores. So an update of wrangler.toml never conflicts with a deployment, and
// reaches it at the next `npm run setup`. Secrets stand in no file.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parse, stringify } from "smol-toml";
import { inProject, Stop } from "../project.mjs";

const TEMPLATE = "wrangler.toml";
const MAPPINGS = "MAPPINGS";

/** What the top of wrangler.toml is: the deployment that needs no section. */
export const TOP = "production";

/** What each deployment that wrangler.toml is ready for is of. */
export const DEPLOYMENTS = {
  production: "Kombo's production, EU",
  "production-us": "Kombo's production, US",
  development: "Kombo's development environment, EU",
  "development-us": "Kombo's development environment, US",
};

/** wrangler.toml as a value. */
export const template = () => parse(readFileSync(inProject(TEMPLATE), "utf8"));

/** A deployment as wrangler sees it: its section, with what a section inherits from the top. */
export function deployment(key) {
  const { env, ...top } = template();
  if (key === TOP) return top;
  if (!Object.hasOwn(env, key))
    throw new Stop(
      `Unknown deployment "${key}". Known deployments: ${Object.keys(DEPLOYMENTS).join(", ")}`,
    );
  return { ...top, ...env[key] };
}

/** The file of a deployment, by the name of its Worker. */
export const fileOf = (name) => inProject(`wrangler.${name}.toml`);

/** What a file of a deployment says; undefined where there is none yet. */
export function savedConfiguration(file) {
  if (!existsSync(file)) return undefined;
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Stop(`${basename(file)} can't be read: ${error.message}`);
  }
}

/** The namespace that a configuration binds, if it names one. */
export const namespaceIn = ({ kv_namespaces: all = [] }) =>
  all.find(({ binding }) => binding === MAPPINGS)?.id;

/**
 * The configuration of a deployment. Of what was kept, its variables and whatever wrangler.toml does not
 * know stay: routes, limits and the like.
 */
export function settled(key, before, { name, account, namespace, jurisdiction }) {
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

/** A configuration as the text of its file. */
export const written = (
  key,
  configuration,
) => `# ${DEPLOYMENTS[key]}: the configuration of one deployment.
#
# \`npm run setup\` writes it anew from ${TEMPLATE} and keeps these: [vars], which may be changed here, and
# whatever ${TEMPLATE} does not have, such as routes or limits. Comments are lost. Git ignores the file;
# keep a copy of it, or answer the questions in the same way again. Secrets never stand here.

${stringify(configuration)}`;

/** Writes the file of a deployment. */
export function write(key, file, configuration) {
  writeFileSync(file, written(key, configuration));
  console.log(`Written: ${basename(file)}`);
}

// The lists of components (SBOM, CycloneDX) of a release: the crates in the Worker, and the npm packages
// that are installed with the program.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { capture } from "../command.mjs";
import { inFreshCopy } from "../fresh-copy.mjs";
import { cargoTool, projectEnvironment, root, Stop } from "../project.mjs";

const CRATE = "kombo-edge";

/** The crates in the Worker. The tool writes beside each Cargo.toml, so it works on a copy. */
export const crates = () =>
  inFreshCopy(root, (copy) => {
    const target = ["--target", "wasm32-unknown-unknown"];
    const { ok, output } = capture(
      cargoTool("cargo-cyclonedx"),
      [
        ...["cyclonedx", "--format", "json", "--spec-version", "1.5", ...target],
        ...["--manifest-path", join(copy, "Cargo.toml")],
      ],
      { env: projectEnvironment({ CARGO_NET_OFFLINE: "true" }) },
    );
    if (!ok) throw new Stop(`cargo-cyclonedx failed:\n${output}`);
    // It names crates of the project by the path of the copy.
    return readFileSync(join(copy, `${CRATE}.cdx.json`), "utf8").replaceAll(copy, "");
  });

/** The npm packages that are installed with the program, from the lock file. */
export function packages() {
  const kind = ["--sbom-format", "cyclonedx", "--sbom-type", "application"];
  const { ok, output } = capture("npm", [
    ...["sbom", "--prefix", root, "--omit", "dev", "--package-lock-only", ...kind],
  ]);
  if (!ok) throw new Stop(`npm sbom failed:\n${output}`);
  const list = JSON.parse(output);
  // npm takes the name of the folder.
  list.metadata.component.name = CRATE;
  return JSON.stringify(list, null, 2);
}

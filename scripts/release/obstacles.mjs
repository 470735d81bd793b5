// What blocks a release: versions that differ, an entry in the changelog without its date, or
// a manifest that npm would refuse. Nothing here needs an account.

import { readdirSync, readFileSync, existsSync } from "node:fs";
import { inProject } from "../project.mjs";

const read = (...path) => readFileSync(inProject(...path), "utf8");

/** The facts of the project that a release depends on. */
export function facts() {
  const { version, repository } = JSON.parse(read("package.json"));
  return {
    version,
    repository,
    changelog: read("CHANGELOG.md"),
    versions: { "Cargo.toml": crateVersion(), ...packageVersions(), ...templateVersion() },
  };
}

const crateVersion = () => read("Cargo.toml").match(/^version = "(.+)"$/m)[1];

const packageVersions = () =>
  Object.fromEntries(
    readdirSync(inProject("packages"))
      .map((name) => ["packages", name, "package.json"])
      .filter((path) => existsSync(inProject(...path)))
      .map((path) => [path.join("/"), JSON.parse(read(...path)).version]),
  );

const templateVersion = () => {
  const { dependencies } = JSON.parse(read("template", "package.json"));
  return { "template/package.json": dependencies["kombo-edge"] };
};

/** What blocks the release of this tag, one line each. */
export function obstacles(tag, { version, repository, changelog, versions }) {
  const differing = Object.entries(versions).filter(([, other]) => other !== version);
  return [
    tag !== `v${version}` && `The tag is ${tag}, but package.json says ${version}.`,
    ...differing.map(([file, other]) => `${file} says ${other}, but package.json says ${version}.`),
    !isDated(version, changelog) &&
      `CHANGELOG.md has no line "## [${version}] - <date>" for this version.`,
    !repository &&
      `package.json names no "repository": npm publishes with provenance only if it is the one of the workflow.`,
  ].filter(Boolean);
}

const isDated = (version, changelog) =>
  changelog.includes(`\n## [${version}] - `) &&
  /^\d{4}-\d\d-\d\d$/m.test(changelog.split(`\n## [${version}] - `)[1].split("\n")[0]);

/** What the changelog says about a version: the notes of its release. */
export function notes(version, changelog) {
  const [, after = ""] = changelog.split(`\n## [${version}]`);
  return after.slice(after.indexOf("\n")).split("\n## [")[0].trim();
}

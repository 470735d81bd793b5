// The template that a team keeps in its own repository: wrangler takes it without a compiler, it agrees
// with the repository's own configuration, and its workflow rolls back what the doctor finds wrong.
// GitHub itself is not part of the test: the steps run in order, with a stand-in for npx.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { load } from "js-yaml";
import { parse } from "smol-toml";
import { inProject } from "../scripts/project.mjs";
import { emptyFolder, tarballs } from "./installed-package.mjs";

const read = (...path) => readFileSync(inProject(...path), "utf8");
const json = (...path) => JSON.parse(read(...path));
const toml = (...path) => structuredClone(parse(read(...path)));

test("a copy of the template is installed by npm ci and taken by wrangler, without Rust", async () => {
  const it = emptyFolder({ after });
  cpSync(inProject("template"), it.folder, { recursive: true });
  // Until there is a release, the package comes from its tarball.
  const file = join(it.folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const tarball = tarballs().find((path) => /kombo-edge-\d/.test(path));
  manifest.dependencies["kombo-edge"] = `file:${tarball}`;
  writeFileSync(file, JSON.stringify(manifest));
  const steps = [
    ["npm", "install", "--package-lock-only"],
    ["npm", "ci", "--ignore-scripts"],
    ["npx", "--no-install", "wrangler", "deploy", "--dry-run"],
  ];
  for (const step of steps) {
    const { code, printed } = await it.run(...step);
    assert.equal(code, 0, `${step.join(" ")}\n${printed}`);
  }
  assert.equal(it.compilerCalls(), "");
});

test("the template has the repository's configuration, versions and descriptions", () => {
  const { build, env, main, ...own } = toml("wrangler.toml");
  assert.ok(build && env && main);
  const { main: packaged, ...template } = toml("template", "wrangler.toml");
  assert.deepEqual(template, own);
  assert.equal(packaged, `node_modules/kombo-edge/${main}`);
  const { version, dependencies, engines, cloudflare } = json("package.json");
  const manifest = json("template", "package.json");
  assert.equal(manifest.dependencies["kombo-edge"], version);
  assert.equal(manifest.devDependencies.wrangler, dependencies.wrangler);
  assert.deepEqual(manifest.engines, engines);
  assert.deepEqual(manifest.cloudflare, cloudflare);
});

test("the template suggests no value for a secret, and has the same ones", () => {
  const secrets = (text) => [...text.matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)];
  const own = secrets(read("template", ".dev.vars.example"));
  const names = (found) => found.map(([, name]) => name);
  assert.deepEqual(names(own), names(secrets(read(".dev.vars.example"))));
  for (const [line, , value] of own) if (!line.startsWith("#")) assert.equal(value, '""', line);
});

const workflow = load(read("template", ".github", "workflows", "deploy.yml"));
const [job] = Object.values(workflow.jobs);

/** Runs the workflow's own steps, with an npx that does what `does` says for each program. */
function runWorkflow(t, does) {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-workflow-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const cases = Object.entries(does).map(([call, script]) => `"${call}"*) ${script} ;;`);
  const npx = `#!/bin/bash\necho "$*" >> "${folder}/calls"\ncase "$*" in\n${cases.join("\n")}\nesac\n`;
  writeFileSync(join(folder, "npx"), npx, { mode: 0o755 });
  writeFileSync(join(folder, "npm"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(join(folder, "calls"), "");
  const outcomes = {};
  let outputs = {};
  for (const { id, run, if: condition, env = {} } of job.steps.filter((step) => step.run)) {
    const isFailed = Object.values(outcomes).includes("failure");
    const isDue = condition
      ? isFailed && outcomes.deploy === "success" && outputs.version !== ""
      : !isFailed;
    if (!isDue) continue;
    const output = join(folder, "output");
    writeFileSync(output, "");
    const PATH = [folder, process.env.PATH].join(delimiter);
    const given = env.VERSION ? { VERSION: outputs.version } : {};
    try {
      execFileSync("bash", ["-e", "-c", run], {
        env: { ...process.env, PATH, GITHUB_OUTPUT: output, ...given },
        stdio: "pipe",
      });
      outcomes[id] = "success";
    } catch {
      outcomes[id] = "failure";
    }
    if (id === "before")
      outputs = Object.fromEntries([readFileSync(output, "utf8").trim().split("=")]);
  }
  const calls = readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
  return { calls: calls.map((line) => line.split(" ").slice(0, 3).join(" ")), outcomes };
}

const RUNNING = `echo '{"versions":[{"version_id":"old","percentage":100}]}'`;
const ORDER = [
  "wrangler deployments status",
  "wrangler deploy --keep-vars",
  "kombo-edge doctor --wait",
];

test("the workflow deploys, and asks the doctor once the new version answers", (t) => {
  const { calls, outcomes } = runWorkflow(t, { "wrangler deployments": RUNNING });
  assert.deepEqual(calls, ORDER);
  assert.ok(!Object.values(outcomes).includes("failure"));
});

test("the workflow rolls back to the version before if the doctor finds something wrong", (t) => {
  const does = { "wrangler deployments": RUNNING, "kombo-edge doctor": "exit 1" };
  const { calls, outcomes } = runWorkflow(t, does);
  assert.deepEqual(calls, [...ORDER, "wrangler rollback old"]);
  assert.equal(outcomes.doctor, "failure", "the run is red");
});

test("the workflow rolls nothing back if nothing was deployed, or nothing ran before", (t) => {
  const failed = { "wrangler deployments": RUNNING, "wrangler deploy ": "exit 1" };
  assert.deepEqual(runWorkflow(t, failed).calls, ORDER.slice(0, 2));
  const first = { "wrangler deployments": "exit 1", "kombo-edge doctor": "exit 1" };
  assert.deepEqual(runWorkflow(t, first).calls, ORDER);
});

test("the workflow's conditions are those of its test, and its actions are pinned", () => {
  const conditions = job.steps.flatMap(({ if: condition }) => condition ?? []);
  assert.deepEqual(conditions, [
    "failure() && steps.deploy.outcome == 'success' && steps.before.outputs.version != ''",
  ]);
  assert.deepEqual(workflow.permissions, { contents: "read" });
  const own = read(".github", "workflows", "test.yml").match(/uses: .*/g);
  for (const line of read("template", ".github", "workflows", "deploy.yml").match(/uses: .*/g))
    assert.ok(own.includes(line), line);
});

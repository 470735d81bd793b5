// The npm package, used as its README says: installed from its tarball in an empty folder, without a
// compiler. The program starts, answers in the words of an installed package, and wrangler takes the Worker.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { capture } from "../scripts/command.mjs";
import { PACKAGES } from "../scripts/package.mjs";
import { inProject } from "../scripts/project.mjs";
import { commands } from "../scripts/program.mjs";
import { emptyFolder, tarballs } from "./installed-package.mjs";
import { eventually } from "./testbed.mjs";

const READY_MS = 20_000;

describe("the installed package", () => {
  const it = emptyFolder({ after });
  const edge = (...args) => it.run("npx", "--no-install", "kombo-edge", ...args);

  before(async () => {
    const { code, printed } = await it.run("npm", "install", "--ignore-scripts", ...tarballs());
    assert.equal(code, 0, printed);
  });

  test("is ready with its console in under 20 s, and its commands reach it", async (t) => {
    const began = Date.now();
    const child = it.start("npx", "--no-install", "kombo-edge", "start");
    t.after(() => process.kill(-child.pid, "SIGKILL"));
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (piece) => (printed += piece));
    await eventually(
      () => {
        assert.equal(child.exitCode, null, printed);
        return printed.includes("Ctrl-C stops it.");
      },
      "npx kombo-edge start",
      READY_MS,
    );
    assert.ok(Date.now() - began < READY_MS);

    const [url] = printed.match(/http:\S+/);
    assert.match(await (await fetch(url)).text(), /<title>kombo-edge console<\/title>/);
    assert.match(await (await fetch(`${url}/main.js`)).text(), /npx kombo-edge start/);
    assert.match(printed, /^  npx kombo-edge send connection-flow-failed/m);
    assert.ok(existsSync(join(it.folder, ".state")), "the data is in the user's folder");

    const sent = await edge("send", "integration-created", "--origin-id", "36123");
    assert.equal(sent.code, 0, sent.printed);
    const mapped = async () => (await edge("mapping", "36123")).out.includes('"current"');
    await eventually(mapped, "the mapping");
    const examined = await edge("doctor");
    assert.equal(examined.code, 0, examined.printed);
  });

  test("names commands that work where the user is", async () => {
    for (const { name } of commands) {
      const { code, out, printed } = await edge(name, "--help");
      assert.equal(code, 0, printed);
      assert.match(out, new RegExp(`^Usage: npx kombo-edge ${name}`));
      assert.doesNotMatch(out, /npm (run|start)/);
    }
    const { printed } = await edge("mapping", "42");
    assert.match(printed, /`npx kombo-edge start` isn't running/);
  });

  test("shows what a deployment would do, with a configuration that wrangler takes", async () => {
    const { code, out, printed } = await edge("setup", "--dry-run", "--jurisdiction", "eu");
    assert.equal(code, 0, printed);
    const configuration = out.slice(out.indexOf("# Kombo's production"));
    assert.doesNotMatch(configuration, /\[build\]/);
    assert.match(configuration, /^main = "node_modules\/kombo-edge\/build\/index\.js"$/m);
    const [text] = configuration.split("\nThis was a dry run");
    writeFileSync(join(it.folder, "wrangler.toml"), text.replace("<its id>", "0".repeat(32)));
    const deployed = await it.run("npx", "--no-install", "wrangler", "deploy", "--dry-run");
    assert.equal(deployed.code, 0, deployed.printed);
    assert.match(deployed.printed, /env\.INTEGRATIONS/);
  });

  test("has the Workers that were built, and nothing of the machine that built them", () => {
    const folder = join(it.folder, "node_modules", "kombo-edge");
    for (const directory of ["build", "build-development"]) {
      for (const file of ["index.js", "index_bg.wasm"]) {
        const bytes = readFileSync(join(folder, directory, file));
        assert.deepEqual(bytes, readFileSync(inProject(directory, file)), file);
        for (const path of [inProject(), process.env.HOME, ".cargo"])
          assert.ok(!bytes.includes(path), `${directory}/${file} holds ${path}`);
      }
    }
    assert.ok(!existsSync(join(folder, "Cargo.toml")));
  });

  test("has the double for a backend's tests, and the client comes beside it", async () => {
    const [, printed] = readFileSync(inProject("docs", "testing.md"), "utf8").match(
      /```js\n(.*?)```/s,
    );
    const file = join(it.folder, "edge.test.mjs");
    const reads = `
import { createClient } from "kombo-edge-client";

test("the client reads what the Worker has", async () => {
  await edge.kombo.connects("42", "hibob");
  const client = createClient({ url: edge.url, token: edge.readToken });
  assert.equal((await client.current("42", "HRIS")).usable, true);
});`;
    writeFileSync(file, printed + reads);
    const { code, printed: said } = await it.run("node", "--test", file);
    assert.equal(code, 0, said);
    assert.match(said, /pass 2/);
  });

  test("has called no compiler in all of this", () => {
    assert.equal(it.compilerCalls(), "");
  });

  test("has every file that its README links to", () => {
    const folder = join(it.folder, "node_modules", "kombo-edge");
    const readme = readFileSync(join(folder, "README.md"), "utf8");
    assert.ok(readme.startsWith("```sh\nnpx kombo-edge start\n```"));
    const links = [...readme.matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, link]) => link);
    assert.ok(links.length > 3);
    for (const link of links) assert.ok(existsSync(join(folder, link)), link);
    const named = [...readme.matchAll(/npx kombo-edge ([a-z]+)/g)].map(([, name]) => name);
    const known = commands.map(({ name }) => name);
    assert.deepEqual(
      named.filter((name) => !known.includes(name)),
      [],
    );
    assert.deepEqual(
      known.filter((name) => !named.includes(name)),
      [],
      "each is explained",
    );
  });
});

test("each package holds the licenses", () => {
  for (const path of tarballs()) {
    const { output } = capture("tar", ["-tzf", path]);
    for (const license of ["LICENSE-APACHE", "LICENSE-MIT"])
      assert.ok(output.includes(`package/${license}`), `${path} holds no ${license}`);
  }
});

test("npx in a clone runs the program of the clone, so messages may name it", () => {
  const { ok, output } = capture("npx", ["--offline", "kombo-edge", "mute", "--help"]);
  assert.ok(ok, output);
  assert.match(output, /^Usage: npm run mute/);
});

test("a package has the same bytes whenever and by whomever it is packed", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kombo-edge-packed-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const staged = inProject(...PACKAGES, "kombo-edge");
  const copy = join(folder, "elsewhere", "kombo-edge");
  mkdirSync(copy, { recursive: true });
  cpSync(staged, copy, { recursive: true });
  utimesSync(join(copy, "package.json"), new Date(0), new Date(0));
  const { ok, output } = capture("npm", ["pack", copy, "--pack-destination", folder]);
  assert.ok(ok, output);
  const name = tarballs().find((path) => /kombo-edge-\d/.test(path));
  const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
  assert.equal(sha256(join(folder, name.split("/").at(-1))), sha256(name));
});

// The package as a new user installs it: from its tarball, in an empty folder, on a machine without Rust.
// `npm run package` makes the tarballs.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { PACKAGES } from "../scripts/package.mjs";
import { inProject } from "../scripts/project.mjs";

const COMPILERS = ["cargo", "rustc", "rustup", "cc"];

/** The tarballs, as paths. */
export function tarballs() {
  const folder = inProject(...PACKAGES);
  const found = existsSync(folder) ? readdirSync(folder) : [];
  const all = found.filter((name) => name.endsWith(".tgz")).map((name) => join(folder, name));
  if (all.length === 0) throw new Error("There are no tarballs: run `npm run package`.");
  return all;
}

/** An empty folder on a machine where every compiler fails. It is removed after the tests. */
export function emptyFolder({ after }) {
  const machine = mkdtempSync(join(tmpdir(), "kombo-edge-package-"));
  after(() => rmSync(machine, { recursive: true, force: true }));
  const [folder, programs] = ["project", "programs"].map((name) => join(machine, name));
  for (const one of [folder, programs]) mkdirSync(one);
  const calls = join(machine, "calls");
  writeFileSync(calls, "");
  for (const name of COMPILERS)
    writeFileSync(join(programs, name), `#!/bin/sh\necho "${name} $*" >> "${calls}"\nexit 127\n`, {
      mode: 0o755,
    });
  symlinkSync(process.execPath, join(programs, "node"));
  const env = {
    ...process.env,
    PATH: [programs, process.env.PATH].join(delimiter),
    // So that no other Worker on this machine finds this one.
    WRANGLER_REGISTRY_PATH: join(machine, "registry"),
  };
  // What the repository's own npm and test runner set, which would reach the programs in the folder.
  const own = /^(npm_(config_local|package_|lifecycle_)|NODE_TEST_CONTEXT)/;
  for (const name of Object.keys(env)) if (own.test(name)) delete env[name];
  return {
    folder,
    env,
    /** The calls of compilers, which must not be there. */
    compilerCalls: () => readFileSync(calls, "utf8"),
    /** Runs a program in the folder: `{ code, out, printed }`. */
    run: (program, ...args) => ended(startIn(folder, env, program, args)),
    /** Starts a program in the folder, in a process group of its own. */
    start: (program, ...args) => startIn(folder, env, program, args),
  };
}

const startIn = (cwd, env, program, args) =>
  spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: true });

async function ended(child) {
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { code, out, printed: out + error };
}

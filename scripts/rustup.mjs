// Installs rustup on a build service that has none, such as Cloudflare's Workers Builds, into .tools. On
// their own machine, developers install it themselves. RUSTUP_UPDATE_ROOT replaces the source, as for
// rustup itself.

import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./command.mjs";
import { rust, Stop } from "./project.mjs";

const VERSION = "1.28.2";
const SOURCE = "https://static.rust-lang.org/rustup";

// The published checksums of rustup-init. Build services run Linux.
const SHA_256 = {
  "linux-x64": {
    target: "x86_64-unknown-linux-gnu",
    sum: "20a06e644b0d9bd2fbdbfd52d42540bdde820ea7df86e92e533c073da0cdd43c",
  },
  "linux-arm64": {
    target: "aarch64-unknown-linux-gnu",
    sum: "e3853c5a252fca15252d07cb23a1bdd9377a8c6f3efa01531109281ae47f841c",
  },
};

/** Whether this runs on a build service, where users can't install anything. */
export const isBuildService = () => process.env.WORKERS_CI === "1";

/** Installs rustup into .tools, without a toolchain. */
export async function installRustup() {
  const known = SHA_256[`${process.platform}-${process.arch}`];
  if (known === undefined)
    throw new Stop(`rustup can't be installed here: ${process.platform} ${process.arch}.`);
  console.log(`Installing rustup ${VERSION} into .tools …`);
  const root = process.env.RUSTUP_UPDATE_ROOT ?? SOURCE;
  const program = await download(
    `${root}/archive/${VERSION}/${known.target}/rustup-init`,
    known.sum,
  );
  const file = join(rust, "rustup-init");
  mkdirSync(rust, { recursive: true });
  writeFileSync(file, program);
  chmodSync(file, 0o755);
  const env = {
    ...process.env,
    RUSTUP_HOME: join(rust, "rustup"),
    CARGO_HOME: join(rust, "cargo"),
  };
  const args = ["-y", "--no-modify-path", "--default-toolchain", "none", "--profile", "minimal"];
  await run(file, args, { env, what: "installing rustup" });
  rmSync(file);
}

async function download(url, sum) {
  let bytes;
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the answer was ${response.status}`);
    bytes = Buffer.from(await response.arrayBuffer());
  } catch (error) {
    throw new Stop(`${url} could not be downloaded: ${error.cause?.message ?? error.message}`);
  }
  if (createHash("sha256").update(bytes).digest("hex") !== sum)
    throw new Stop(`${url} does not match its published checksum, so it was not run.`);
  return bytes;
}

// Checks for the programs that the setup can't install by itself, and says how to get them, all at once.
// A Node that is new enough is not among them: see node.mjs.

import { capture } from "./command.mjs";
import { Stop } from "./project.mjs";

const succeeds = (program, ...args) => capture(program, args).ok;

const needed = [
  {
    name: "npm",
    found: () => succeeds("npm", "--version"),
    remedy: "it comes with Node; check that its folder is in PATH",
  },
  {
    name: "git",
    found: () => succeeds("git", "--version"),
    remedy: "install it with the package manager of your system",
  },
  {
    name: "rustup",
    found: () => hasRustup(),
    remedy: "install it from rustup.rs; this setup installs the Rust version itself",
  },
  {
    name: "a C compiler (cc)",
    found: () => succeeds("cc", "--version"),
    remedy:
      'Rust links with it: "apt install build-essential", or "xcode-select --install" on a Mac',
  },
];

const neededForTests = [
  {
    name: "a C++ compiler (c++)",
    found: () => succeeds("c++", "--version"),
    remedy:
      'the fuzz targets link with it: "apt install build-essential", or "xcode-select --install" on a Mac',
  },
  {
    name: "Python 3.11 or newer with venv",
    found: () =>
      succeeds(
        "python3",
        "-c",
        "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))",
      ),
    remedy: 'the test suite uses it: "apt install python3 python3-venv", or python.org',
  },
];

export const hasRustup = () => succeeds("rustup", "--version");

export function checkPrerequisites({ forTests = false } = {}) {
  const missing = [...needed, ...(forTests ? neededForTests : [])].filter((one) => !one.found());
  if (missing.length === 0) return;
  const lines = missing.map(({ name, remedy }) => `  - ${name}: ${remedy}`);
  throw new Stop(
    `The setup requires these programs and can't install them itself:\n${lines.join("\n")}`,
  );
}

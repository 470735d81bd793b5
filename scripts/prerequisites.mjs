// Looks for what the set-up can't install by itself, and says in plain words how to get it. A Node that is
// new enough is there already: see node.mjs.
// All missing things are named at once, so that nobody repairs them one by one.

import { capture } from "./command.mjs";
import { Stop } from "./project.mjs";

const answers = (program, ...args) => capture(program, args).ok;

const needed = [
  {
    name: "npm",
    found: () => answers("npm", "--version"),
    remedy: "it comes with Node; check that its folder is in PATH",
  },
  {
    name: "git",
    found: () => answers("git", "--version"),
    remedy: "install it with the package manager of your system",
  },
  {
    name: "rustup",
    found: () => hasRustup(),
    remedy: "install it from rustup.rs; the Rust version itself is fetched by this set-up",
  },
  {
    name: "a C compiler (cc)",
    found: () => answers("cc", "--version"),
    remedy:
      'Rust links with it: "apt install build-essential", or "xcode-select --install" on a Mac',
  },
];

const neededForTests = [
  {
    name: "a C++ compiler (c++)",
    found: () => answers("c++", "--version"),
    remedy:
      'the fuzz targets link with it: "apt install build-essential", or "xcode-select --install" on a Mac',
  },
  {
    name: "Python 3.11 or newer with venv",
    found: () =>
      answers("python3", "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"),
    remedy: 'the test suite uses it: "apt install python3 python3-venv", or python.org',
  },
];

export const hasRustup = () => answers("rustup", "--version");

export function checkPrerequisites({ forTests = false } = {}) {
  const missing = [...needed, ...(forTests ? neededForTests : [])].filter((one) => !one.found());
  if (missing.length === 0) return;
  const lines = missing.map(({ name, remedy }) => `  - ${name}: ${remedy}`);
  throw new Stop(`Some things are missing that the set-up can't install:\n${lines.join("\n")}`);
}

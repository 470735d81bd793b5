// Takes out of a module what runs while a panic unwinds: the code that frees what each function held.
// The panic is still caught where it has to be, since `catch_unwind` catches by tag; only what was held
// between there and the panic is never freed. A panic is a bug that ends one request, so a few
// kilobytes of memory each are cheap, and a ninth of the module is not.

import { readFileSync, writeFileSync } from "node:fs";

// Clean-up catches whatever passes and throws it on: it is the only code that takes the reference.
const CLEAN_UP = /\(catch_all_ref \$[^\s()]+\)/g;

/** Writes the text of the module without its clean-up to `text`. The code is dead then, not gone. */
export async function withoutCleanUp(module, text) {
  // Not at the top: the test command imports this file before the packages are installed.
  const { default: binaryen } = await import("binaryen");
  const read = binaryen.readBinary(readFileSync(module));
  const whole = read.emitText();
  read.dispose();
  const rest = whole.replace(CLEAN_UP, "");
  if (rest.length === whole.length) throw new Error("The module holds no clean-up to take out.");
  writeFileSync(text, rest);
}

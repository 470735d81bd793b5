// Loaded before each command (`node -r`), because a Node before 18 can't parse the commands and would
// print a stack trace. It must itself work on any Node. From 18 on, the commands install a newer Node
// themselves: see node.mjs.

"use strict";

var MIN_MAJOR = 18;

if (Number(process.versions.node.split(".")[0]) < MIN_MAJOR) {
  console.error(
    "\nkombo-edge needs a newer Node: this is " +
      process.versions.node +
      ". Install the current version from https://nodejs.org.",
  );
  process.exit(1);
}

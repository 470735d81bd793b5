// How a user calls a command, where the user is: in a clone of the repository its npm scripts, with an
// installed package the program itself. Messages that name a command must name one that works.

import { isPackaged } from "./project.mjs";

/** A command with these arguments, such as `npm run mute -- 42` or `npx kombo-edge mute 42`. */
export function called(name, args = "") {
  if (isPackaged) return ["npx kombo-edge", name, args].filter(Boolean).join(" ");
  if (name === "start" && args === "") return "npm start";
  return `npm run ${name}${args && ` -- ${args}`}`;
}

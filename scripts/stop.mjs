// What a command says when it ends with an error: what is wrong and what to do, without a stack trace. It
// only imports Node's own modules, since it runs before anything is installed.

import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** An error with a message for the user. */
export class Stop extends Error {}

/** The message of any error. With KOMBO_EDGE_DEBUG in the environment, its stack trace follows. */
export function messageOf(error) {
  const message = error instanceof Stop ? error.message : (systemError(error) ?? unexpected(error));
  return process.env.KOMBO_EDGE_DEBUG ? `${message}\n\n${error?.stack}` : message;
}

const unexpected = (error) => `An unexpected error: ${error?.message ?? error}
This is a bug in kombo-edge. Please report it, with what KOMBO_EDGE_DEBUG=1 before the command adds to this
message.`;

/** What an error of the file system means; undefined if it is another error. */
function systemError(error) {
  const { code, path, port } = error ?? {};
  const place = path ?? "A file";
  const messages = {
    ENOENT: () => missing(place),
    ENOTDIR: () => `${place} does not exist: a part of its path is a file, not a folder.`,
    EISDIR: () => `${place} is a folder, not a file. Name a file.`,
    EACCES: () => forbidden(place),
    EPERM: () => forbidden(place),
    EROFS: () => `${place} is on a read-only disk. Choose a place that can be written to.`,
    ENOSPC: () => "The disk is full. Free some space, and run the command again.",
    EDQUOT: () => "Your disk quota is used up. Free some space, and run the command again.",
    EMFILE: () =>
      "Too many files are open. Raise the limit (ulimit -n), and run the command again.",
    EADDRINUSE: () => `Port ${port} is in use. End the program that uses it.`,
  };
  return Object.hasOwn(messages, String(code)) ? messages[code]() : undefined;
}

function missing(path) {
  const folder = dirname(path);
  return existsSync(folder)
    ? `${path} does not exist. Check the name.`
    : `The folder ${folder} does not exist. Create it, or check the name.`;
}

const forbidden = (path) =>
  `This user may not access ${path}. Change its permissions, or choose another place.`;

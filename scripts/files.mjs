// Reads the files that a user names. Errors say which file, and what to do.

import { readFileSync } from "node:fs";
import { Stop } from "./project.mjs";

/** The bytes of a file. */
export function readBytes(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    // Node leaves it out for a folder.
    throw Object.assign(error, { path });
  }
}

/** The text of a file in UTF-8, without the byte order mark that it may have. */
export function readText(path) {
  const bytes = readBytes(path);
  if (isUtf16(bytes)) throw new Stop(`${path} is UTF-16. ${SAVE_AS}`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Stop(`${path} is not UTF-8, but probably Latin-1 or Windows-1252. ${SAVE_AS}`);
  }
}

const SAVE_AS = 'Save it as UTF-8; in Excel, as "CSV UTF-8".';

const isUtf16 = ([first, second]) =>
  (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);

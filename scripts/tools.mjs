// The tools that Kombo connects: the slug by which Kombo identifies each, and the name that Slack shows.
// They are in the file that the Worker is built from.

import { readFileSync } from "node:fs";
import { inProject } from "./project.mjs";

const FILE = inProject("src", "contracts", "slack", "tools.txt");

/** All tools, as `{ slug, name }`. */
export const tools = () =>
  readFileSync(FILE, "utf8")
    .split("\n")
    .map((line) => line.match(/^(\S+) (.+)$/))
    .filter(Boolean)
    .map(([, slug, name]) => ({ slug, name }));

/** A text without case, accents, white space and punctuation. */
const plain = (text) =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/**
 * The slugs of the tools that a text may mean: the slug as it is, else the name as Slack shows it, else
 * either without regard to case, accents, white space and punctuation.
 */
export function slugsOf(text) {
  const all = tools();
  const slugs = (isMeant) => all.filter(isMeant).map(({ slug }) => slug);
  const attempts = [
    ({ slug }) => slug === text,
    ({ name }) => name === text,
    ({ slug, name }) => [slug, name].map(plain).includes(plain(text)),
  ];
  return attempts.map(slugs).find((found) => found.length > 0) ?? [];
}

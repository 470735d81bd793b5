// Asking whoever runs the set-up: on a terminal, or nobody, in a script. What a secret is never shows
// on the screen.

import { isCancel, password, select, text } from "@clack/prompts";
import { Stop } from "../project.mjs";

/** Questions on a terminal. `streams` are clack's `input` and `output`, where they are not the usual. */
export function onTerminal(streams = {}) {
  const answered = async (asked) => {
    const answer = await asked;
    if (isCancel(answer)) throw new Stop("Canceled. Run it again to continue; nothing is lost.");
    return answer;
  };
  return {
    isAnswered: true,
    explain: (lines) => console.log(`\n${lines}`),
    choose: ({ message, options, preset }) =>
      answered(select({ message, options, initialValue: preset, ...streams })),
    name: ({ message, preset, check }) =>
      answered(
        text({ message, placeholder: preset, defaultValue: preset, validate: check, ...streams }),
      ),
    secret: async ({ message, check }) =>
      (await answered(password({ message, validate: check, ...streams }))) ?? "",
  };
}

/** Nobody is asked: what has no preset is named, with the way to give it. */
export const unattended = {
  isAnswered: false,
  explain: () => {},
  choose: async ({ preset, given }) => preset ?? missing(given),
  name: async ({ preset, given }) => preset ?? missing(given),
  secret: async ({ isNeeded, given }) => (isNeeded ? missing(given) : ""),
};

function missing(given) {
  throw new Stop(`There is no terminal to ask on. Pass ${given}.`);
}

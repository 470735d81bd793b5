// Prompts: on a terminal, or none in a script. A secret never appears on the screen.

import { isCancel, password, select, text } from "@clack/prompts";
import { Stop } from "../project.mjs";

/** Prompts on a terminal. `streams` are the `input` and `output` of clack, if not the standard ones. */
export function onTerminal(streams = {}) {
  const answered = async (prompt) => {
    const answer = await prompt;
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

/** No prompts: an answer without a preset is an error that says how to give it. */
export const unattended = {
  isAnswered: false,
  explain: () => {},
  choose: async ({ preset, given }) => preset ?? missing(given),
  name: async ({ preset, given }) => preset ?? missing(given),
  secret: async ({ isNeeded, given }) => (isNeeded ? missing(given) : ""),
};

function missing(given) {
  throw new Stop(`There is no terminal for prompts. Pass ${given}.`);
}

// A progress bar, which is only drawn on a terminal.

import { SingleBar } from "cli-progress";

/** Starts a bar; `what` names what is counted. It has `increment`, `update` and `stop`. */
export function startBar(total, what) {
  const bar = new SingleBar({
    format: `{bar} {value} of {total} ${what}, {eta_formatted} to go`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    noTTYOutput: false,
  });
  bar.start(total, 0);
  return bar;
}

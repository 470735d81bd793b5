// The Worker's clock, and buttons that put it forward.

import { useContext, useEffect, useState } from "react";
import { request } from "./requests.mjs";
import { Ahead, Announce, Failure, useAction } from "./parts.jsx";
import { minuteOf, spanOf } from "./times.mjs";

const MINUTE = 60_000;
const SPANS = [
  { text: "15 min", ms: 15 * MINUTE },
  { text: "1 hour", ms: 60 * MINUTE },
  { text: "1 day", ms: 1_440 * MINUTE },
  { text: "1 week", ms: 10_080 * MINUTE },
];

export function Time({ testbed }) {
  const announce = useContext(Announce);
  const [{ isRunning, failure }, pass] = useAction((ms) => request("/time", { json: { ms } }));
  const isBusy = isRunning || !testbed?.isRunning || testbed.isTimePassing;
  const run = async ({ text, ms }) => {
    if (isBusy) return;
    announce(`${text} passes for the Worker.`);
    if ((await pass(ms)) !== undefined) announce(`${text} has passed for the Worker.`);
  };
  return (
    <div role="group" aria-labelledby="time" className="time">
      <p id="time">
        <span className="hint title">Worker’s clock</span> {testbed && <Now />}
      </p>
      <p className="passing">
        <span className="hint" aria-hidden="true">
          {testbed?.isTimePassing ? "Passing …" : "Let pass"}
        </span>
        {SPANS.map((span) => (
          <button
            key={span.text}
            type="button"
            aria-label={`Let ${span.text} pass`}
            aria-disabled={isBusy}
            onClick={() => run(span)}
          >
            {span.text}
          </button>
        ))}
      </p>
      {failure && <Failure>{failure}</Failure>}
    </div>
  );
}

/** The Worker's time, which keeps running, and how far it is ahead. */
function Now() {
  const ahead = useContext(Ahead);
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), 1_000);
    return () => clearInterval(timer);
  }, []);
  const at = new Date(Date.now() + ahead);
  return (
    <>
      <time dateTime={at.toISOString()}>{minuteOf(at)}</time>
      {ahead > 0 && <span className="hint"> · {spanOf(ahead)} ahead</span>}
    </>
  );
}

// Components that the panels share: announcements for screen readers, buttons with an action,
// documents, times.

import { createContext, useContext, useState } from "react";
import { isSameDay, momentOf, timeOf } from "./times.mjs";

/** Announces a text to screen readers. */
export const Announce = createContext(() => {});

/** The heading of a panel. */
export const Heading = ({ id, title, hint }) => (
  <div className="heading">
    <h2 id={id}>{title}</h2>
    <p className="hint">{hint}</p>
  </div>
);

/** A title that can get the focus when the focused element disappears. */
export function Title({ id, children }) {
  return (
    <h3 id={id} tabIndex={-1}>
      {children}
    </h3>
  );
}

/** An action and its state: `[state, run]`. `run` returns undefined if the action fails. */
export function useAction(action, { done, focus } = {}) {
  const announce = useContext(Announce);
  const [state, setState] = useState({ isRunning: false, failure: undefined });
  async function run(...given) {
    setState({ isRunning: true, failure: undefined });
    try {
      const result = await action(...given);
      setState({ isRunning: false, failure: undefined });
      if (done) announce(done);
      if (focus) document.getElementById(focus)?.focus();
      return result;
    } catch ({ message }) {
      setState({ isRunning: false, failure: message });
      announce(message);
      return undefined;
    }
  }
  return [state, run];
}

/** A button with an action, which shows the error if the action fails. */
export function Act({ children, action, done, focus, kind = "", label }) {
  const [{ isRunning, failure }, run] = useAction(action, { done, focus });
  return (
    <>
      <button
        type="button"
        className={kind}
        aria-disabled={isRunning}
        aria-label={label}
        onClick={() => isRunning || run()}
      >
        {children}
      </button>
      {failure && <Failure>{failure}</Failure>}
    </>
  );
}

export const Failure = ({ children }) => <p className="failure">{children}</p>;

/** A document in Workers KV, collapsed, and what can be done about it. */
export function Document({ entry: { key, document }, children }) {
  return (
    <details className="document">
      <summary>
        <code>{key}</code>
      </summary>
      <pre tabIndex={0} aria-label={key}>
        {JSON.stringify(document, null, 2)}
      </pre>
      {children}
    </details>
  );
}

/** The state of an integration. */
export function State({ state, usable }) {
  const kind = state === null ? "" : usable ? "good" : "bad";
  return <span className={`pill ${kind}`}>{state ?? "no state yet"}</span>;
}

/** How far the Worker's clock is ahead, in milliseconds. */
export const Ahead = createContext(0);

/** A time of the Worker, with the day if it is not today for the Worker. */
export function Clock({ at }) {
  const now = Date.now() + useContext(Ahead);
  const moment = new Date(at);
  return (
    <time dateTime={moment.toISOString()}>
      {isSameDay(moment, now) ? timeOf(moment) : momentOf(moment)}
    </time>
  );
}

/** In place of what is not there yet: the reason. */
export const NotLoaded = ({ feed }) => (
  <p className="empty" aria-busy={feed.connection === "connecting"}>
    {reasonOf(feed)}
  </p>
);

function reasonOf({ connection, testbed, trouble }) {
  if (connection === "lost") return `Not loaded: \`${START_COMMAND}\` isn't running.`;
  if (testbed?.isRunning === false) return "Not loaded: the Worker isn't running.";
  if (trouble) return "Not loaded: the Worker does not respond as it should.";
  return "Loading …";
}

/** A number with its noun. */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

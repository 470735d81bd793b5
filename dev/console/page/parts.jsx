// Components that the three panels share: announcements for screen readers, buttons with an action,
// documents, times.

import { createContext, useContext, useState } from "react";

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

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A time of today. */
export const Clock = ({ at }) => (
  <time dateTime={new Date(at).toISOString()}>{clock.format(new Date(at))}</time>
);

/** A number with its noun. */
export const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

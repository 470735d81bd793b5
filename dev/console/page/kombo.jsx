// The left panel, where the user plays Kombo: chooses an event, fills it in or edits it by hand, and
// sends it. The Worker's response appears below. The console makes and signs the events.

import { useContext, useEffect, useReducer, useRef, useState } from "react";
import { request } from "./requests.mjs";
import { CUSTOMERS } from "./customers.mjs";
import { Fields } from "./fields.jsx";
import { Announce, Clock, Failure, Heading, NotLoaded, useAction } from "./parts.jsx";

const MAX_ANSWERS = 8;

// How an outcome is shown that comes with a 200. A quarantined event waits for a human.
const KINDS = { accepted: "good", quarantined: "warn" };

export function Kombo({ feed }) {
  const { events = [], testbed } = feed;
  const [name, choose] = useState("connection-flow-failed");
  const [entered, enter] = useState(CUSTOMERS[0]);
  const [sent, count] = useReducer((before) => before + 1, 0);
  const event = events.find((one) => one.name === name);
  // An event of the past would be another one to the Worker.
  const time = testbed?.isTimePassing ? undefined : testbed?.aheadMs;
  const { text, isByHand, failure, write } = useEvent({ event, entered, sent, time });

  // After sending, the form has a new event with a new id.
  const afterSending = (next) => (isByHand ? write(next) : count());
  return (
    <section className="panel kombo" aria-labelledby="kombo">
      <Heading id="kombo" title="Kombo" hint="make an event and send it to the Worker" />
      <div className="scroll">
        {event ? (
          <>
            <Events events={events} chosen={name} choose={choose} />
            <Fields event={event} entered={entered} enter={enter} />
            <Body name={name} text={text} write={write} />
          </>
        ) : (
          <NotLoaded feed={feed} />
        )}
        {failure && <Failure>{failure}</Failure>}
      </div>
      <Sending text={text} isReady={event !== undefined} afterSending={afterSending} />
    </section>
  );
}

/**
 * The text of the event, which the console makes, until the user writes it by hand:
 * `{ text, isByHand, failure, write }`. It is made again for another event, other fields, after sending,
 * and, unless it is written by hand, when time has passed.
 */
function useEvent({ event, entered, sent, time }) {
  const [{ text, isByHand, failure }, set] = useState({ text: "" });
  const made = useRef();
  const name = event?.name;
  useEffect(() => {
    const wanted = JSON.stringify([name, entered, sent]);
    if (name === undefined || (isByHand && made.current === wanted)) return undefined;
    let isLatest = true;
    request("/make", { json: { name, entered } }).then(
      (event) => {
        if (!isLatest) return;
        made.current = wanted;
        set({ text: pretty(event), isByHand: false });
      },
      ({ message }) => isLatest && set((before) => ({ ...before, failure: message })),
    );
    return () => {
      isLatest = false;
    };
    // Not when the text is written by hand.
  }, [event, name, entered, sent, time]);
  return { text, isByHand, failure, write: (next) => set({ text: next, isByHand: true }) };
}

const pretty = (event) => JSON.stringify(event, null, 2);

function Events({ events, chosen, choose }) {
  const buttons = (some) =>
    some.map(({ name, title }) => (
      <button
        key={name}
        type="button"
        className="event"
        aria-pressed={chosen === name}
        onClick={() => choose(name)}
      >
        {title}
      </button>
    ));
  const others = events.filter(({ isKnown }) => !isKnown);
  return (
    <div role="group" aria-label="Event" className="events">
      {buttons(events.filter(({ isKnown }) => isKnown))}
      <details>
        <summary>{others.length} more, which the Worker ignores</summary>
        <div className="events">{buttons(others)}</div>
      </details>
    </div>
  );
}

function Body({ name, text, write }) {
  return (
    <div className="body">
      <div className="line">
        <label htmlFor="body">
          Event <code>{name}</code>
        </label>
        <button type="button" className="quiet" onClick={() => write(broken(text))}>
          Make it invalid
        </button>
      </div>
      <textarea
        id="body"
        spellCheck={false}
        rows={16}
        value={text}
        onChange={({ target }) => write(target.value)}
      />
    </div>
  );
}

/** The event without the ids of the integration and its tool, which is quarantined. */
function broken(text) {
  try {
    const event = JSON.parse(text);
    for (const subject of [event.data, event.data?.integration ?? {}]) {
      for (const key of ["id", "integration_id", "tool", "integration_tool"]) delete subject[key];
    }
    return pretty(event);
  } catch {
    return text;
  }
}

function Sending({ text, isReady, afterSending }) {
  const announce = useContext(Announce);
  const [signing, sign] = useState("right");
  const [answers, setAnswers] = useState([]);
  const number = useRef(0);
  const [{ isRunning, failure }, send] = useAction(async (body) => {
    const response = await request("/send", { json: { text: body, signing } });
    number.current += 1;
    const answer = {
      ...response,
      body,
      number: number.current,
      outcome: response.body.outcome ?? response.body.title,
    };
    setAnswers((all) => [answer, ...all].slice(0, MAX_ANSWERS));
    announce(`The Worker answered ${answer.status}, ${answer.outcome}.`);
    return response.next;
  });
  const sendAndGoOn = async () => {
    if (isRunning || !isReady) return;
    const next = await send(text);
    if (next !== undefined) afterSending(next);
  };
  const [last, ...earlier] = answers;
  return (
    <div className="sending">
      <div className="line">
        <label className="signing">
          Signature
          <select value={signing} onChange={({ target }) => sign(target.value)}>
            <option value="right">right</option>
            <option value="wrong">wrong</option>
            <option value="none">none</option>
          </select>
        </label>
        {last && (
          <button type="button" onClick={() => send(last.body)}>
            Repeat
          </button>
        )}
        <button
          type="button"
          className="primary"
          aria-disabled={isRunning || !isReady}
          onClick={sendAndGoOn}
        >
          Send
        </button>
      </div>
      {failure && <Failure>{failure}</Failure>}
      {last ? <Answer answer={last} /> : <p className="hint">The response appears here.</p>}
      {earlier.length > 0 && (
        <details>
          <summary>Earlier answers</summary>
          {earlier.map((answer) => (
            <Answer key={answer.number} answer={answer} />
          ))}
        </details>
      )}
    </div>
  );
}

function Answer({ answer: { status, outcome, ms, at } }) {
  return (
    <p className="answer">
      <span className={`pill ${status === 200 ? (KINDS[outcome] ?? "") : "bad"}`}>
        {status} {outcome}
      </span>
      <span className="hint">
        {ms} ms · <Clock at={at} />
      </span>
    </p>
  );
}

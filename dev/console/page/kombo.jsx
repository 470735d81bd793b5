// The left panel, where the user plays Kombo: chooses an event, fills it in or edits it by hand, and
// sends it. The Worker's response appears below. The console makes and signs the events.

import { useContext, useEffect, useReducer, useState } from "react";
import { request } from "./requests.mjs";
import { CUSTOMERS } from "./customers.mjs";
import { Fields } from "./fields.jsx";
import { Announce, Clock, Failure, Heading, useAction } from "./parts.jsx";

const MAX_ANSWERS = 8;

export function Kombo({ events = [] }) {
  const [name, choose] = useState("connection-flow-failed");
  const [entered, enter] = useState(CUSTOMERS[0]);
  const [text, setText] = useState("");
  const [isByHand, setByHand] = useState(false);
  const [sent, count] = useReducer((before) => before + 1, 0);
  const event = events.find((one) => one.name === name);

  const write = (next, byHand) => {
    setText(next);
    setByHand(byHand);
  };
  useEffect(() => {
    if (event === undefined) return undefined;
    let isLatest = true;
    request("/make", { json: { name, entered } }).then(
      (made) => isLatest && write(pretty(made), false),
      () => {}, // The head of the page shows that the console is gone.
    );
    return () => {
      isLatest = false;
    };
  }, [event, name, entered, sent]);

  // After sending, the form has a new event with a new id.
  const afterSending = (next) => (isByHand ? write(next, true) : count());
  return (
    <section className="panel kombo" aria-labelledby="kombo">
      <Heading id="kombo" title="Kombo" hint="make an event and send it to the Worker" />
      <div className="scroll">
        <Events events={events} chosen={name} choose={choose} />
        {event && <Fields event={event} entered={entered} enter={enter} />}
        <Body name={name} text={text} write={(next) => write(next, true)} />
      </div>
      <Sending text={text} afterSending={afterSending} />
    </section>
  );
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

function Sending({ text, afterSending }) {
  const announce = useContext(Announce);
  const [signing, sign] = useState("right");
  const [answers, setAnswers] = useState([]);
  const [{ isRunning, failure }, send] = useAction(async (body) => {
    const response = await request("/send", { json: { text: body, signing } });
    const answer = {
      ...response,
      body,
      at: Date.now(),
      outcome: response.body.outcome ?? response.body.title,
    };
    setAnswers((all) => [answer, ...all].slice(0, MAX_ANSWERS));
    announce(`The Worker answered ${answer.status}, ${answer.outcome}.`);
    return response.next;
  });
  const sendAndGoOn = async () => {
    if (isRunning) return;
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
        <button type="button" className="primary" aria-disabled={isRunning} onClick={sendAndGoOn}>
          Send
        </button>
      </div>
      {failure && <Failure>{failure}</Failure>}
      {last ? <Answer answer={last} /> : <p className="hint">The response appears here.</p>}
      {earlier.length > 0 && (
        <details>
          <summary>Earlier answers</summary>
          {earlier.map((answer) => (
            <Answer key={answer.at} answer={answer} />
          ))}
        </details>
      )}
    </div>
  );
}

function Answer({ answer: { status, outcome, ms, at } }) {
  return (
    <p className="answer">
      <span className={`pill ${status === 200 ? "good" : "bad"}`}>
        {status} {outcome}
      </span>
      <span className="hint">
        {ms} ms · <Clock at={at} />
      </span>
    </p>
  );
}

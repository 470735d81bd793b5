// The middle panel: the channel as Slack shows it, with rejected messages marked, the state of the queue,
// and the behaviors of the stand-in.

import { memo, useContext, useEffect, useRef, useState } from "react";
import { Message } from "slack-blocks-to-jsx";
import { blocksOf, LOGO, SENDER } from "../../slack-appearance.mjs";
import { behaviors } from "../../slack-behaviors.mjs";
import { request } from "./requests.mjs";
import { useTheme } from "./hooks.mjs";
import { Act, Ahead, Announce, counted, Failure, Heading, NotLoaded, useAction } from "./parts.jsx";
import { dayOf, isSameDay } from "./times.mjs";

export function Slack({ feed, end, lastRead, unread }) {
  const { messages, testbed, backend } = feed;
  useAnnouncements(feed);
  return (
    <section className="panel slack" aria-labelledby="slack">
      <Heading id="slack" title="Slack" hint="what the team reads in its channel" />
      <div className="frame">
        <Channel feed={feed} end={end} lastRead={lastRead} />
        {!end.isAtEnd && messages.length > 0 && <ToTheEnd end={end} unread={unread} />}
      </div>
      {backend && <Queues status={backend.status} />}
      <Behaviors behavior={testbed?.behavior} />
    </section>
  );
}

function Channel({ feed, end, lastRead }) {
  const theme = useTheme();
  const { messages, isCurrent } = feed;
  const isShifted = useContext(Ahead) > 0;
  const firstNew = messages.find(({ id }) => id > lastRead);
  return (
    <div
      className={`scroll channel ${end.isAtEnd ? "following" : ""}`}
      data-theme={theme}
      ref={end.box}
      role="group"
      tabIndex={0}
      aria-label="Channel"
    >
      <div>
        {messages.length === 0 &&
          (isCurrent ? (
            <p className="empty">
              No messages yet. Send an event: a failed connection appears here.
            </p>
          ) : (
            <NotLoaded feed={feed} />
          ))}
        <ol>
          {messages.map((message, index) => (
            <Posted
              key={message.id}
              message={message}
              theme={theme}
              isShifted={isShifted}
              isFirstOfDay={index === 0 || !isSameDay(messages[index - 1].at, message.at)}
              isFirstNew={message === firstNew}
            />
          ))}
        </ol>
      </div>
    </div>
  );
}

/** Shown while the user has scrolled back. */
function ToTheEnd({ end, unread }) {
  const go = () => {
    // The button disappears.
    end.box.current.focus({ preventScroll: true });
    end.goToEnd();
  };
  return (
    <button type="button" className={`to-the-end ${unread > 0 ? "primary" : ""}`} onClick={go}>
      {unread > 0 ? counted(unread, "new message") : "To the end"} <span aria-hidden="true">↓</span>
    </button>
  );
}

/** Announces messages that arrive after the page was opened. */
function useAnnouncements({ messages, isCurrent, run }) {
  const announce = useContext(Announce);
  const known = useRef({});
  const last = messages.at(-1);
  useEffect(() => {
    if (!isCurrent) return;
    const isNew = known.current.run === run && last?.id > known.current.id;
    known.current = { run, id: last?.id ?? 0 };
    if (!isNew) return;
    announce(`${failureOf(last.answer) ?? "New in Slack"}: ${headlineOf(last)}`);
  }, [announce, isCurrent, last, run]);
}

/** The title. The text has the whole message, because the stand-in is not Slack's own host. */
const headlineOf = ({ json, text }) =>
  json?.blocks?.find(({ type }) => type === "header")?.text.text ?? json?.text ?? text;

const Posted = memo(function Posted({
  message: { at, json, text, answer, isForEngineers },
  theme,
  isShifted,
  isFirstOfDay,
  isFirstNew,
}) {
  const failure = failureOf(answer);
  return (
    <li>
      {isFirstOfDay && <p className="divider">{dayOf(at)}</p>}
      {isFirstNew && <p className="divider new">New</p>}
      <div className={`posted ${failure ? "rejected" : ""} ${isForEngineers ? "engineers" : ""}`}>
        {isForEngineers && <p className="mark">For engineers, on their own webhook</p>}
        {failure && <p className="failed">{failure}</p>}
        <div className="shown">
          <Message
            name={SENDER}
            logo={LOGO}
            time={new Date(at)}
            theme={theme}
            blocks={dated(blocksOf(json ?? { text }), isShifted)}
          />
        </div>
      </div>
    </li>
  );
});

/** The blocks without "today" and the like, if those would be the browser's and not the Worker's. */
function dated(blocks, isShifted) {
  return isShifted ? JSON.parse(JSON.stringify(blocks).replaceAll("_pretty}", "}")) : blocks;
}

/** Why a message does not appear in Slack; undefined if it does. */
function failureOf(answer) {
  if (answer === "hang") return "Slack never answered";
  if (answer.status >= 200 && answer.status < 300) return undefined;
  return `Slack rejected it: ${answer.status} ${answer.body}`;
}

function Queues({ status: { team, engineers } }) {
  const waiting = team.waiting + engineers.waiting;
  const troubled = [team, engineers].find(({ slack }) => slack.failing || slack.reason !== null);
  if (waiting === 0 && !troubled?.slack.failing) return null;
  const { reason, remedy, said } = troubled?.slack ?? {};
  return (
    <div className="queue">
      <p>
        <strong>{counted(waiting, "message waits", "messages wait")} for Slack.</strong>
        {reason && ` ${reason}.`}
        {remedy && ` Remedy: ${remedy}.`}
      </p>
      {said === "hook_refused" && (
        <Act
          kind="primary"
          action={() => request("/slack/hook")}
          done="The Worker has a new webhook."
        >
          Create a new webhook
        </Act>
      )}
    </div>
  );
}

function Behaviors({ behavior: current }) {
  const [wanted, want] = useState(undefined);
  const [{ failure }, choose] = useAction((name) =>
    request("/slack", { json: { behavior: name } }),
  );
  // Shows the choice at once, until the console confirms it.
  const behavior = wanted ?? current;
  useEffect(() => want(undefined), [current, failure]);
  const change = (name) => {
    want(name);
    choose(name);
  };
  const hint = behaviors.find(({ name }) => name === behavior)?.hint;
  return (
    <fieldset className="behaviors" disabled={behavior === undefined}>
      <legend>From now on, Slack is</legend>
      <div className="chips">
        {behaviors.map(({ name, label }) => (
          <label key={name} className="chip">
            <input
              type="radio"
              name="behavior"
              value={name}
              checked={behavior === name}
              onChange={() => change(name)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
      <p className="hint">{hint}</p>
      {failure && <Failure>{failure}</Failure>}
    </fieldset>
  );
}

// The middle panel: the channel as Slack shows it, with rejected messages marked, the state of the queue,
// and the behaviors of the stand-in.

import { memo, useContext, useEffect, useRef, useState } from "react";
import { Message } from "slack-blocks-to-jsx";
import { blocksOf, LOGO, SENDER } from "../../slack-appearance.mjs";
import { behaviors } from "../../slack-behaviors.mjs";
import { request } from "./requests.mjs";
import { useTheme } from "./hooks.mjs";
import { Act, Announce, counted, Failure, Heading, useAction } from "./parts.jsx";

const NEAR_THE_END_PX = 80;

export function Slack({ messages, testbed, status }) {
  return (
    <section className="panel slack" aria-labelledby="slack">
      <Heading id="slack" title="Slack" hint="what the team reads in its channel" />
      <Channel messages={messages} />
      {status && <Queues status={status} />}
      <Behaviors behavior={testbed?.behavior} />
    </section>
  );
}

function Channel({ messages }) {
  const theme = useTheme();
  const end = useFollowedEnd(messages.length);
  useNewMessages(messages);
  return (
    <div className="scroll channel" data-theme={theme} ref={end} tabIndex={0} aria-label="Channel">
      {messages.length === 0 && (
        <p className="empty">No messages yet. Send an event: a failed connection appears here.</p>
      )}
      <ol>
        {messages.map((message) => (
          <Posted key={message.id} message={message} theme={theme} />
        ))}
      </ol>
    </div>
  );
}

/** Scrolls to the end of a list as it grows, unless the user has scrolled back. */
function useFollowedEnd(length) {
  const box = useRef(null);
  const isFollowed = useRef(true);
  const follow = () => {
    if (isFollowed.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useEffect(() => {
    const { current } = box;
    const look = () => {
      const below = current.scrollHeight - current.scrollTop - current.clientHeight;
      isFollowed.current = below < NEAR_THE_END_PX;
    };
    current.addEventListener("scroll", look, { passive: true });
    // A hidden panel loses its scroll position.
    const size = new ResizeObserver(follow);
    size.observe(current);
    return () => {
      current.removeEventListener("scroll", look);
      size.disconnect();
    };
  }, []);
  useEffect(follow, [length]);
  return box;
}

function useNewMessages(messages) {
  const announce = useContext(Announce);
  const last = messages.at(-1);
  const known = useRef(0);
  useEffect(() => {
    if (last === undefined || Date.now() - last.at > 5_000 || last.id === known.current) return;
    known.current = last.id;
    // The text has the whole message, because the stand-in is not Slack's own host.
    const [headline] = (last.json?.text ?? last.text).split("\n");
    announce(`${failureOf(last.answer) ?? "New in Slack"}: ${headline}`);
  }, [announce, last]);
}

const Posted = memo(function Posted({
  message: { at, json, text, answer, isForEngineers },
  theme,
}) {
  const failure = failureOf(answer);
  return (
    <li className={`posted ${failure ? "rejected" : ""} ${isForEngineers ? "engineers" : ""}`}>
      {isForEngineers && <p className="mark">For engineers, on their own webhook</p>}
      {failure && <p className="failed">{failure}</p>}
      <div className="shown">
        <Message
          name={SENDER}
          logo={LOGO}
          time={new Date(at)}
          theme={theme}
          blocks={blocksOf(json ?? { text })}
        />
      </div>
    </li>
  );
});

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
    <fieldset className="behaviors">
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

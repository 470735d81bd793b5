// The middle panel: the channel as Slack would show it, with what Slack refused marked as such, how
// the queue stands, and the switches of the stand-in.

import { memo, useContext, useEffect, useRef, useState } from "react";
import { Message } from "slack-blocks-to-jsx";
import { blocksOf, LOGO, SENDER } from "../../slack-appearance.mjs";
import { behaviors } from "../../slack-behaviors.mjs";
import { ask } from "./requests.mjs";
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

/** Keeps the end of a list in sight as it grows, unless its reader has gone back to earlier items. */
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
    // A panel that was hidden has lost its place.
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
    announce(`${fateOf(last.answer) ?? "New in Slack"}: ${last.json?.text ?? last.text}`);
  }, [announce, last]);
}

const Posted = memo(function Posted({
  message: { at, json, text, answer, isForEngineers },
  theme,
}) {
  const fate = fateOf(answer);
  return (
    <li className={`posted ${fate ? "refused" : ""} ${isForEngineers ? "engineers" : ""}`}>
      {isForEngineers && <p className="mark">For engineers, on their own webhook</p>}
      {fate && <p className="fate">{fate}</p>}
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

/** Why a message is not to be seen in Slack; undefined when it is. */
function fateOf(answer) {
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
        <Act kind="primary" action={() => ask("/slack/hook")} done="The Worker has a new webhook.">
          Create a new webhook
        </Act>
      )}
    </div>
  );
}

function Behaviors({ behavior: told }) {
  const [wanted, want] = useState(undefined);
  const [{ failure }, choose] = useAction((name) => ask("/slack", { json: { behavior: name } }));
  // What was chosen is shown at once, until the console has said how it is.
  const behavior = wanted ?? told;
  useEffect(() => want(undefined), [told, failure]);
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

// The page: a head with the state of the Worker and its clock, and three panels, side by side if there is
// room, otherwise one at a time.

import { useCallback, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { request } from "./requests.mjs";
import { Backend } from "./backend.jsx";
import { useFeed, useFollowedEnd, useLastRead, useNarrow } from "./hooks.mjs";
import { Kombo } from "./kombo.jsx";
import { Act, Ahead, Announce, Clock } from "./parts.jsx";
import { Slack } from "./slack.jsx";
import { Time } from "./time.jsx";
import "slack-blocks-to-jsx/dist/style.css";
import "./style.css";
import "./kombo.css";
import "./slack.css";
import "./backend.css";
import "./layout.css";

const PANELS = [
  { name: "kombo", title: "Kombo" },
  { name: "slack", title: "Slack" },
  { name: "backend", title: "Backend" },
];

const MAX_ANNOUNCEMENTS = 4;

function Console() {
  const feed = useFeed();
  const isNarrow = useNarrow();
  const [shown, show] = useState("kombo");
  const [announcements, announce] = useAnnouncer();
  const end = useFollowedEnd(feed.messages);
  const lastRead = useLastRead(feed, end.isAtEnd && (!isNarrow || shown === "slack"));
  const unread = feed.messages.filter(({ id }) => id > lastRead).length;
  return (
    <Announce.Provider value={announce}>
      <Ahead.Provider value={feed.testbed?.aheadMs ?? 0}>
        <a className="skip" href="#panels">
          Skip to the panels
        </a>
        <Head feed={feed} />
        <Problem feed={feed} />
        <nav aria-label="Panels">
          {PANELS.map(({ name, title }) => (
            <button
              key={name}
              type="button"
              aria-current={shown === name ? "true" : undefined}
              onClick={() => show(name)}
            >
              {title}
              {name === "slack" && unread > 0 && (
                <span className="badge">
                  {unread}
                  <span className="unseen"> new</span>
                </span>
              )}
            </button>
          ))}
        </nav>
        <main id="panels" tabIndex={-1} data-shown={shown}>
          <Kombo feed={feed} />
          <Slack feed={feed} end={end} lastRead={lastRead} unread={unread} />
          <Backend feed={feed} />
        </main>
        <div role="status" className="unseen">
          {announcements}
        </div>
      </Ahead.Provider>
    </Announce.Provider>
  );
}

function Head({ feed }) {
  const { testbed, backend } = feed;
  const [kind, state] = stateOf(feed);
  return (
    <header className="head">
      <h1>
        kombo-edge <span>console</span>
      </h1>
      <Time testbed={testbed} />
      <p className="worker">
        <span className={`dot ${kind}`} aria-hidden="true" />
        {state}
        {kind === "good" && backend && <span className="version"> {backend.status.version}</span>}
      </p>
      <Act
        action={() => request("/restart")}
        done="The Worker was killed and restarted with what it had stored."
      >
        Crash and restart
      </Act>
    </header>
  );
}

function stateOf({ connection, testbed, trouble }) {
  if (connection === "lost") return ["bad", "No connection"];
  if (testbed === undefined) return ["warn", "Connecting …"];
  if (testbed.failure !== null) return ["bad", "Does not start"];
  if (!testbed.isRunning) return ["warn", "Restarting …"];
  if (trouble) return ["bad", "In trouble"];
  return ["good", "Running"];
}

/** What is wrong, and since when the page shows something old. */
function Problem({ feed: { connection, lostAt, isCurrent, testbed, trouble } }) {
  const problem = () => {
    if (connection === "lost")
      return (
        <>
          <code>{START_COMMAND}</code> isn’t running. Start it again: this page reconnects by
          itself.
          {isCurrent && <Since at={lostAt} />}
        </>
      );
    if (testbed?.failure) return `The Worker does not start: ${testbed.failure}`;
    if (testbed?.isRunning && trouble)
      return (
        <>
          {trouble.reason}
          {trouble.seenAt !== null && <Since at={trouble.seenAt} />}
        </>
      );
    return null;
  };
  return (
    <div role="alert" className="problem">
      {problem()}
    </div>
  );
}

/** Real time, not the Worker's. */
const Since = ({ at }) => (
  <Ahead.Provider value={0}>
    {" "}
    It shows what was known at <Clock at={at} />.
  </Ahead.Provider>
);

/** Announcements for a screen reader. The same text twice is announced twice, and one stays until a few
 * others have come, since several may come at once. */
function useAnnouncer() {
  const [announcements, setAnnouncements] = useState([]);
  const count = useRef(0);
  const announce = useCallback((text) => {
    count.current += 1;
    const announcement = <p key={count.current}>{text}</p>;
    setAnnouncements((earlier) => [...earlier, announcement].slice(-MAX_ANNOUNCEMENTS));
  }, []);
  return [announcements, announce];
}

createRoot(document.getElementById("console")).render(<Console />);

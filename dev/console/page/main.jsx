// The page: a head with the state of the Worker, and three panels, side by side if there is room,
// otherwise one at a time.

import { useCallback, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { request } from "./requests.mjs";
import { Backend } from "./backend.jsx";
import { useFeed, useUnseen } from "./hooks.mjs";
import { Kombo } from "./kombo.jsx";
import { Act, Announce } from "./parts.jsx";
import { Slack } from "./slack.jsx";
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

function Console() {
  const feed = useFeed();
  const [shown, show] = useState("kombo");
  const [announcement, announce] = useAnnouncer();
  const unseen = useUnseen(feed.messages.length, shown === "slack");
  return (
    <Announce.Provider value={announce}>
      <Head feed={feed} />
      <nav aria-label="Panels">
        {PANELS.map(({ name, title }) => (
          <button
            key={name}
            type="button"
            aria-current={shown === name ? "true" : undefined}
            onClick={() => show(name)}
          >
            {title}
            {name === "slack" && unseen > 0 && (
              <span className="badge">
                {unseen}
                <span className="unseen"> new</span>
              </span>
            )}
          </button>
        ))}
      </nav>
      <main data-shown={shown}>
        <Kombo events={feed.events} />
        <Slack messages={feed.messages} testbed={feed.testbed} status={feed.backend?.status} />
        <Backend backend={feed.backend} trouble={feed.trouble} />
      </main>
      <div role="status" className="unseen">
        {announcement}
      </div>
    </Announce.Provider>
  );
}

function Head({ feed: { isConnected, testbed, backend } }) {
  const [kind, state] = stateOf(isConnected, testbed);
  return (
    <header className="head">
      <h1>
        kombo-edge <span>console</span>
      </h1>
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

function stateOf(isConnected, testbed) {
  if (!isConnected) return ["bad", "npm start isn't running"];
  if (testbed?.isRunning === false) return ["warn", "Restarting …"];
  return ["good", "Running"];
}

/** Announcements for a screen reader. The same text twice is announced twice. */
function useAnnouncer() {
  const [announcement, setAnnouncement] = useState(null);
  const count = useRef(0);
  const announce = useCallback((text) => {
    count.current += 1;
    setAnnouncement(<p key={count.current}>{text}</p>);
  }, []);
  return [announcement, announce];
}

createRoot(document.getElementById("console")).render(<Console />);

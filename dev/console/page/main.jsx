// The page: a head with what the Worker does, and three panels, side by side where there is room, else
// one at a time.

import { useCallback, useRef, useState } from "react";
import { createRoot } from "react-dom/client";
import { ask } from "./requests.mjs";
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
  const told = useFeed();
  const [shown, show] = useState("kombo");
  const [said, announce] = useAnnouncer();
  const unseen = useUnseen(told.messages.length, shown === "slack");
  return (
    <Announce.Provider value={announce}>
      <Head told={told} />
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
        <Kombo events={told.events} />
        <Slack messages={told.messages} testbed={told.testbed} status={told.backend?.status} />
        <Backend backend={told.backend} trouble={told.trouble} />
      </main>
      <div role="status" className="unseen">
        {said}
      </div>
    </Announce.Provider>
  );
}

function Head({ told: { isConnected, testbed, backend } }) {
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
        action={() => ask("/restart")}
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

/** What a screen reader is told; the same text twice is told twice. */
function useAnnouncer() {
  const [said, say] = useState(null);
  const count = useRef(0);
  const announce = useCallback((text) => {
    count.current += 1;
    say(<p key={count.current}>{text}</p>);
  }, []);
  return [said, announce];
}

createRoot(document.getElementById("console")).render(<Console />);

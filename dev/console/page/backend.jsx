// The right panel: the documents in Workers KV, as the backend sees them, and what needs a decision, with
// buttons that call the Worker's API.

import { useId, useState } from "react";
import { request } from "./requests.mjs";
import {
  Act,
  Clock,
  counted,
  Document,
  Failure,
  Heading,
  NotLoaded,
  State,
  Title,
  useAction,
} from "./parts.jsx";

export function Backend({ feed }) {
  const { backend } = feed;
  return (
    <section className="panel backend" aria-labelledby="backend">
      <Heading id="backend" title="Backend" hint="what it reads from Workers KV" />
      <div className="scroll">
        {backend === undefined ? (
          <NotLoaded feed={feed} />
        ) : (
          <>
            <Part title="Open incidents" entries={backend.incidents} Entry={Incident} />
            <Part title="Unassigned" entries={backend.unassigned} Entry={Unassigned} />
            <Part title="Quarantine" entries={backend.quarantine} Entry={Quarantined} />
            <Part title="Undelivered" entries={backend.undelivered} Entry={Undelivered} />
            <Part title="Customers" entries={backend.customers} Entry={Customer} isAlways />
            <Part
              title="Integrations"
              entries={backend.integrations}
              Entry={Integration}
              isAlways
            />
          </>
        )}
      </div>
    </section>
  );
}

/** A section with entries of one kind. Without entries it is hidden, unless `isAlways` is set. */
function Part({ title, entries, Entry, isAlways }) {
  const id = `part-${title.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <section
      aria-labelledby={`${id}-name`}
      className={entries.length === 0 && !isAlways ? "unseen" : "part"}
    >
      <Title id={id}>
        <span id={`${id}-name`}>{title}</span> <span className="count">{entries.length}</span>
      </Title>
      {entries.length === 0 && <p className="empty">None.</p>}
      <ul>
        {entries.map((entry) => (
          <li key={entry.key ?? entry.id} className="entry">
            <Entry entry={entry} back={id} />
          </li>
        ))}
      </ul>
    </section>
  );
}

const nameOf = ({ organization_name: name, origin_id: id }) => name ?? id ?? "No customer";
const pathTo = (...parts) => `/v1/${parts.map(encodeURIComponent).join("/")}`;

function Incident({ entry }) {
  const { document, object } = entry;
  const { kind, tool, category, causes, muted_until: muted, assignee } = document;
  const { attempts, lastAt } = object ?? { attempts: document.attempts, lastAt: document.last_at };
  return (
    <>
      <p className="name">
        <strong>{kind === "environment" ? "Environment" : nameOf(document)}</strong>
        <span className="pill bad">
          {kind === "connection" ? counted(attempts, "attempt") : "broken"}
        </span>
      </p>
      <p className="hint">
        {[tool, category, ...causes].filter(Boolean).join(" · ")} · last at <Clock at={lastAt} />
        {muted && (
          <>
            {" "}
            · muted until <Clock at={muted} />
          </>
        )}
      </p>
      {assignee && (
        <p className="hint">
          {assignee.name} has been on it since <Clock at={assignee.since} />.
        </p>
      )}
      <HeldBack document={document} object={object} />
      <Document entry={entry} />
    </>
  );
}

/** Until when repeats of an incident are held back. */
function HeldBack({ document, object }) {
  if (object === null) return <p className="hint">It has just ended.</p>;
  const { attempts, writtenAt, reportedAt } = object;
  return (
    <>
      {reportedAt !== null && (
        <p className="hint">
          Next message in Slack at <Clock at={reportedAt} />.
        </p>
      )}
      {attempts !== document.attempts && (
        <p className="hint">
          Workers KV has {counted(document.attempts, "attempt")}
          {writtenAt === null ? " so far" : " until "}
          {writtenAt !== null && <Clock at={writtenAt} />}.
        </p>
      )}
    </>
  );
}

function Customer({ entry }) {
  const { origin_id: id, integrations, current } = entry.document;
  return (
    <>
      <p className="name">
        <strong>{nameOf(entry.document)}</strong>
        <code>{id}</code>
      </p>
      {integrations.map(({ id, tool, category, state, usable }) => (
        <p key={id} className="held">
          <span>
            {tool} <span className="hint">{category}</span>
            {current[category] === id && <span className="hint"> · current</span>}
          </span>
          <State state={state} usable={usable} />
        </p>
      ))}
      <Document entry={entry} />
    </>
  );
}

function Integration({ entry, back }) {
  const { integration_id: id, origin_id: holder, tool, state, usable } = entry.document;
  return (
    <>
      <p className="held">
        <span>
          {tool} <span className="hint">{holder === null ? "no customer" : `of ${holder}`}</span>
        </span>
        <State state={state} usable={usable} />
      </p>
      <Document entry={entry}>
        <Assign integrationId={id} back={back} />
      </Document>
    </>
  );
}

function Unassigned({ entry, back }) {
  const { handle, organization_name: name, tool, category, integration_id: id } = entry.document;
  return (
    <>
      <p className="name">
        <strong>{name ?? "Unnamed integration"}</strong>
        <code>#{handle}</code>
      </p>
      <p className="hint">
        {tool} · {category}
      </p>
      <Assign integrationId={id} back={back} />
      <Document entry={entry} />
    </>
  );
}

function Assign({ integrationId, back }) {
  const [customer, setCustomer] = useState("");
  const input = useId();
  const [{ isRunning, failure }, assign] = useAction(
    () =>
      request(pathTo("integrations", integrationId, "customer"), {
        method: "PUT",
        json: { origin_id: customer },
      }),
    { done: `Assigned to customer ${customer}.`, focus: back },
  );
  const submit = (event) => {
    event.preventDefault();
    if (!isRunning) assign();
  };
  return (
    <form onSubmit={submit}>
      <div className="line assign">
        <label htmlFor={input}>Assign to</label>
        <input
          id={input}
          type="text"
          autoComplete="off"
          placeholder="origin id"
          value={customer}
          onChange={({ target }) => setCustomer(target.value)}
        />
        <button aria-disabled={isRunning}>Assign</button>
      </div>
      {failure && <Failure>{failure}</Failure>}
    </form>
  );
}

function Quarantined({ entry, back }) {
  const { event_id: id, type, reason } = entry.document;
  return (
    <>
      <p className="name">
        <strong>{type}</strong>
      </p>
      <p className="hint">{reason}</p>
      <Decision path={pathTo("quarantine", id)} retry="Read again" drop="Dismiss" back={back} />
      <Document entry={entry} />
    </>
  );
}

function Undelivered({ entry: { id, title, reason }, back }) {
  return (
    <>
      <p className="name">
        <strong>{title}</strong>
      </p>
      <p className="hint">{reason}</p>
      <Decision path={pathTo("undelivered", id)} retry="Send again" drop="Drop" back={back} />
    </>
  );
}

/** The decision about an entry: retry it or drop it. */
function Decision({ path, retry, drop, back }) {
  return (
    <div className="line">
      <Act action={() => request(path)} done={`${retry}: done.`} focus={back}>
        {retry}
      </Act>
      <Act action={() => request(path, { method: "DELETE" })} done={`${drop}: done.`} focus={back}>
        {drop}
      </Act>
    </div>
  );
}

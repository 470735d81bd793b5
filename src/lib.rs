//! kombo-edge: a Cloudflare Worker between Kombo and a software company.
//!
//! It receives Kombo's webhooks, keeps in Workers KV which integrations belong to which
//! customer, and alerts the team in Slack when a customer cannot connect.
//!
//! This page is the architecture: the map, the life of an event, what always holds, and where
//! to add something. `docs/operations.md` says how to run it.
//!
//! # Map
//!
//! ```text
//!                       ┌─▶ Integration ──▶ integration:…  unassigned:…
//! Kombo ── POST ──▶ edge│        │ "you hold X, in this state", "no longer"
//!                       └─▶ Customer ─────▶ customer:…  incident:…  ◀── backend
//!                                │ alerts, by id
//!                                ▼
//!                            Notifier ────▶ Slack, one message a second
//! ```
//!
//! Seven modules, in layers: each uses only those above it in this list, and no files use each
//! other in a cycle. `scripts/layers.mjs` reads the order of the modules in this file and
//! checks both.
//!
//! 1. [`domain`] has our own words: ids, time, JSON, alerts, audiences.
//! 2. [`contracts`] has a folder for each counterpart: Kombo, Slack, the backend that reads
//!    Workers KV, the operator who gives settings and reads the log, the browsers of people who act,
//!    and the messages that objects send each other.
//! 3. [`machine`] says what a state machine is (a function of rows, an input and the time that
//!    returns changed rows and effects), and has the one driver that decides when machines run.
//!    It does no I/O.
//! 4. [`parts`] has what several machines share: the outbox, projections into Workers KV,
//!    the ids of events that were seen.
//! 5. [`objects`] has the three machines: [`objects::integration`], [`objects::customer`] and
//!    [`objects::notifier`], one object each for an integration, a customer and a Slack webhook.
//! 6. [`edge`] is the way in: deliveries, the API, health. It knows no machine, and no
//!    machine knows it.
//! 7. `cloudflare` is the only module that calls the platform, through the `worker` crate.
//!
//! Outside `src/`: `tests/machines` runs the machines without a platform, `simulation/` does so
//! in long random runs with every fault, and `tests/*.test.mjs` runs the built Worker on the
//! real runtime.
//!
//! # The life of an event
//!
//! 1. The edge checks the headers ([`edge::delivery::admit`]), reads the body up to a limit,
//!    verifies the signature over the raw bytes and parses the event
//!    ([`edge::delivery::receive`]).
//! 2. One object decides ([`contracts::objects::routing::route`]): the Integration for everything
//!    about an integration, otherwise the Customer. An event that cannot be parsed goes to the
//!    engineers' Notifier, which keeps it in quarantine. The driver ([`machine::Driver::handle`])
//!    commits the event's id, its consequences, what the object owes to others, and the alarm, in
//!    one transaction. Only then does the edge answer 200.
//! 3. What is due runs in the same invocation, after the reply; what is due later, or was
//!    interrupted, runs by the object's alarm ([`machine::Driver::begin`]). An Integration reports
//!    to the Customer that holds it and writes its keys; a Customer writes its keys and hands
//!    alerts to a Notifier; the Notifier posts them, one a second. Whatever fails is tried again.
//!
//! # Which file decides
//!
//! | question | file |
//! |---|---|
//! | when something runs, and what happens after a crash or a lost alarm | `machine/driver.rs`; how an idle object notices, `objects/notifier/rounds.rs` |
//! | which events count as duplicates | `parts/dedup.rs` |
//! | which customer holds an integration | `objects/integration/facts.rs` |
//! | how the holder learns of it, and the organization of a success | `objects/integration/holder_sync.rs`, `success_report.rs` |
//! | what people may do about an incident, and what the pages for that say | `objects/customer/acting.rs`; `edge/act/` |
//! | when an incident opens and closes | `objects/customer/state.rs`, `diagnosis.rs` |
//! | when an alert is repeated, when someone is mentioned, and what follows if a problem comes back | `objects/customer/schedule.rs` |
//! | what happens if Workers KV fails | `parts/projection.rs`; to report it, `parts/lag.rs` and `objects/notifier/kv_outage.rs` |
//! | what leaves the queue next, alone or in a digest | `objects/notifier/dispatch.rs` |
//! | what an answer of Slack means, and what follows | `contracts/slack/answer.rs`, `objects/notifier/delivery.rs` |
//! | what looks like an integration id in foreign text | `domain/redaction.rs` |
//! | how a message reads | `contracts/slack/wording.rs` and the files beside it |
//! | which HTTP error a request gets, and what it says | `edge/answer/refusal.rs`, `kind.rs` |
//! | what happens to an event that cannot be parsed | `objects/notifier/quarantine.rs`; to retry it, `retry.rs` |
//! | what erasing a customer removes | `objects/customer/erasure.rs`, `objects/notifier/erasure.rs` |
//! | what a setting may be | `contracts/operator/settings/` |
//!
//! # Invariants
//!
//! 1. 200 means durable: committed, with its consequences and the alarm.
//! 2. The documents are a function of the set of events, not of their order,
//!    repetition, or crashes between them (aside: times of receipt, `revision`,
//!    the organization's latest name, the first holder of a disputed integration).
//! 3. A committed alert reaches Slack or is listed as undelivered.
//! 4. Workers KV holds nothing that the objects do not.
//! 5. Only `cloudflare` names the platform; nothing else reads a clock, the
//!    environment or randomness, and nothing else waits (`scripts/boundaries.mjs`).
//! 6. A body is parsed only after it was verified: only
//!    [`contracts::kombo::signature::Secrets::verify`] makes a
//!    [`contracts::kombo::signature::Verified`].
//! 7. No input panics: the lints of `Cargo.toml` deny what could.
//! 8. Work per event is bounded, whatever came before.
//! 9. State and messages change by addition only, and unknown fields are kept.
//! 10. Interrupted work is taken up at the next alarm or touch.
//!
//! `docs/reliability.md` names the tests of those that no type and no lint holds.
//!
//! # Where to add
//!
//! Begin with a failing test. The compiler leads you to most places, because each `match` names
//! all variants. The lists below name the places that it does not.
//!
//! ## A type of event
//!
//! 1. [`contracts::kombo::EventKind`]: add a variant with its facts, in our words, and beside it a
//!    constant with Kombo's name for it.
//! 2. `src/contracts/kombo/wire.rs`: add a line in `KNOWN`, the type of its `data`, and the
//!    function that turns it into a [`contracts::kombo::EventKind`]. Require only what the mapping
//!    or an alert cannot do without.
//! 3. The compiler asks which object decides ([`contracts::objects::routing::route`]), what the
//!    log says about it (`src/edge/delivery.rs`), and what the object does with it
//!    (`State::apply_event` in `src/objects/customer/state.rs`, or `Head::merge` in
//!    `src/objects/integration/head.rs`; the other object does nothing). The result must not
//!    depend on order or repetition. Where an old event could undo a newer one, order them by
//!    one of Kombo's times, as `state` and issues do.
//! 4. Add an event as Kombo sends it to `tests/fixtures/kombo-events.json`, which `npm run send`
//!    and the tests use; a maker in `tests/machines/kombo.rs`; its required fields in
//!    `fuzz/src/contract.rs`, or every fuzzing run fails; and a turn in the scripts of
//!    `simulation/src/scenario.rs`.
//! 5. Tick it in Kombo, under Configuration, Webhooks, and in the texts that list the types.
//!
//! ## A kind of alert
//!
//! 1. [`domain::alert::AlertKind`]: add a variant with its facts. No fact may be an integration id;
//!    use an [`domain::id::Handle`] instead. An older version of the Worker reports that it has
//!    no words for such an alert, and loses nothing.
//! 2. Its words: the compiler asks for them in `about`, in `src/contracts/slack/wording.rs`.
//!    `connection` and `trouble` describe a customer's problem, `engineers` what engineers
//!    decide. The `match` in `engineers` ends in a catch-all, so add the arm there too.
//! 3. Who creates it: `alerts` in `src/objects/customer` or `src/objects/integration`, or the
//!    Notifier for the Worker itself. Its `id` stays the same each time it is handed over, and
//!    differs for the next occasion. [`domain::alert::Alert::audience`] is the team or the
//!    engineers. An alert that belongs to an incident has an [`domain::alert::IncidentRef`], and
//!    repeats everything that earlier alerts of the incident said.
//! 4. Add a sample and its name to `tests/rendering/kinds.rs`, and count it in
//!    `tests/rendering/main.rs`, which fails until 1 and 2 are done; add arbitrary values of it
//!    to `tests/rendering/alerts.rs`. `npm run pictures` draws it.
//!
//! ## A platform
//!
//! Add a folder beside `cloudflare` with a [`machine::Host`]: one object per name and one input at a
//! time; rows and an alarm in one transaction; and a way to run each [`machine::Effect`] (messages
//! between objects, a key-value store, HTTP), each with a time limit and an outcome, *unknown*
//! included. It decides nothing: the [`machine::Driver`] does. `tests/machines/object.rs` is such a
//! host in a page or two, the simulation one that fails on purpose.
//!
//! ## A chat other than Slack
//!
//! [`contracts::slack`] renders an alert and judges an answer; add a folder beside it for Microsoft
//! Teams, say, and choose between them in `src/objects/notifier`: in `dispatch.rs`, `delivery.rs` and
//! `undelivered.rs`. The URL is a setting, and the post an effect like Slack's.
//!
//! ## Smaller things
//!
//! - A setting: [`contracts::operator::settings`], and the table in `docs/reference.md`.
//! - A route: [`edge::route`], [`edge::api`], `contract/openapi.yaml` with an example of each
//!   answer, and the table in `docs/reference.md`.
//! - A line in the log: [`contracts::operator::log::kind`], and the table in
//!   `docs/operations.md`.
//! - A field of a document: [`contracts::backend`] and `contract/schemas`.
//!
//! For each of these a test fails until the table has it. `npm run contract` generates the types and
//! `contract/openapi.json`.

// In the order of their layers: each uses those before it alone (scripts/layers.mjs). Outside of the
// Worker they are public, for the tests, the simulation and the fuzzer. In the Worker nothing is, so
// there the compiler reports what nothing uses.
#[cfg(target_arch = "wasm32")]
mod domain;
#[cfg(not(target_arch = "wasm32"))]
pub mod domain;
#[cfg(target_arch = "wasm32")]
mod contracts;
#[cfg(not(target_arch = "wasm32"))]
pub mod contracts;
#[cfg(target_arch = "wasm32")]
mod machine;
#[cfg(not(target_arch = "wasm32"))]
pub mod machine;
#[cfg(target_arch = "wasm32")]
mod parts;
#[cfg(not(target_arch = "wasm32"))]
pub mod parts;
#[cfg(target_arch = "wasm32")]
mod objects;
#[cfg(not(target_arch = "wasm32"))]
pub mod objects;
#[cfg(target_arch = "wasm32")]
mod edge;
#[cfg(not(target_arch = "wasm32"))]
pub mod edge;
#[cfg(target_arch = "wasm32")]
mod cloudflare;

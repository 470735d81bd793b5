//! kombo-edge: a Cloudflare Worker between Kombo and a software company.
//!
//! It takes Kombo's webhooks, keeps in Workers KV which integrations belong to
//! which customer, and tells the team in Slack who cannot connect.
//!
//! This page is the architecture: the map, the life of an event, what always holds, and
//! where to add something. How it is run stands in `docs/operations.md`.
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
//! - [`kombo`] is the sender, [`slack`] the receiver, `cloudflare` the platform:
//!   each outside party has one place that bears its name.
//! - [`integration`], [`customer`] and [`notifier`] are the three state machines,
//!   one object each per integration, customer and Slack hook. [`machine`] says
//!   what a machine is, and what its shell does for it.
//! - [`edge`], [`addressing`], [`route`], [`answer`], [`signature`] and [`config`] are the way in;
//!   [`api`] and [`token`] are it for the backend and for operators, [`watch`] notices
//!   what no single delivery shows, and [`glance`] keeps `/healthz` from flooding objects.
//! - [`mapping`] is the contract with the backend, [`alert`] with the reader in Slack.
//! - [`issue`], [`seen`], [`projection`], [`check`], [`copy`], [`outbox`], [`lateness`] and [`backoff`]
//!   are parts that more than one machine has; [`json`] is how rows, messages and what
//!   others send are read; [`id`], [`time`], [`object`], [`reply`] and [`log`] are the
//!   words that all of them use.
//!
//! Nothing outside `cloudflare` knows it, and machines know of each other the messages alone.
//! Outside `src/`: `tests/machines` is a world of machines without a
//! platform, `simulation/` the same for a long time and against all odds, `tests/*.test.mjs`
//! the built Worker on the real runtime.
//!
//! # The life of an event
//!
//! 1. The edge looks at the headers ([`edge::admit`]), reads the body under a
//!    cap, verifies the signature over the raw bytes and reads the event
//!    ([`edge::receive`]).
//! 2. The body travels on as it was signed, and one object decides
//!    ([`addressing::letter`]): the Integration for everything about an integration, else the
//!    Customer; the engineers' Notifier for what could not be read. It commits the event's id,
//!    its consequences, what it owes to others, and the alarm, in one
//!    transaction. Only then the edge answers 200.
//! 3. The object's alarm does what it owes: an Integration tells the Customer
//!    that holds it and writes its keys; a Customer writes its keys and hands
//!    alerts to a Notifier; the Notifier posts them, one a second. Whatever does
//!    not succeed is tried again.
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
//!    [`signature::Secrets::verify`] makes a [`signature::Verified`].
//! 7. No input panics: the lints of `Cargo.toml` deny what could.
//! 8. Work per event is bounded, whatever came before.
//! 9. State and messages change by addition only, and unknown fields are kept.
//! 10. Interrupted work is taken up at the next alarm or touch.
//!
//! `docs/reliability.md` names the tests of those that no type and no lint holds.
//!
//! # Where to add
//!
//! Begin with a failing test. The compiler leads to most places, because each `match` names all
//! variants; the lists here name those to which it does not.
//!
//! ## A type of event
//!
//! 1. [`kombo::What`]: a variant with its facts, in our words, and Kombo's name of it in
//!    [`kombo::What::kind`].
//! 2. `src/kombo/wire.rs`: a line in `parser`, the type of its `data`, and the function that
//!    makes a [`kombo::What`] of it. Ask for what the mapping or an alert cannot do without, and
//!    for nothing else.
//! 3. [`kombo::KINDS`]: without it an event of this type could not leave the quarantine.
//! 4. The compiler asks which object decides ([`addressing::letter`]), what the log says of it
//!    (`src/edge.rs`), and what the object makes of it (`State::hear` in
//!    `src/customer/state.rs`, `join` in `src/integration/head.rs`: the other one does nothing).
//!    What it means must not depend on order or repetition; where an old one could undo a newer
//!    one, order them by a time of Kombo's, as `state` and issues are.
//! 5. An event as Kombo sends it in `tests/fixtures/kombo-events.json`, which `npm run send` and
//!    the tests take; a maker in `tests/machines/kombo.rs`; its needed fields in
//!    `fuzz/src/contract.rs`, or every fuzzing run fails; a turn in the scripts of
//!    `simulation/src/plot.rs`.
//! 6. Tick it in Kombo, under Configuration, Webhooks, and in the texts that list the types.
//!
//! ## A kind of alert
//!
//! 1. [`alert::What`]: a variant with its facts. No fact may be an integration id: an
//!    [`id::Handle`] stands for it. A version before this one says of such an alert that it
//!    cannot word it, and loses nothing.
//! 2. Its words: the compiler asks `Draft::about` in `src/slack/draft.rs` where they are. What a
//!    customer's trouble is, `connection` or `trouble` says; what engineers decide, `engineers`,
//!    whose `match` ends in a catch-all: add the arm there too.
//! 3. Who makes it: `news` in `src/customer` or `src/integration`, or the Notifier about the
//!    Worker itself. Its `id` is the same each time that it is handed over, and another one for
//!    the next occasion; [`alert::Alert::audience`] is the team or the engineers. What belongs
//!    to an incident has an [`alert::Episode`], and each alert of it says all that the earlier
//!    ones said.
//! 4. A sample and its name in `tests/rendering/kinds.rs`, counted in `tests/rendering/main.rs`,
//!    where it fails until 1 and 2 are done; any values of it in `tests/rendering/alerts.rs`.
//!    `npm run pictures` draws it.
//!
//! ## A platform
//!
//! A folder beside `cloudflare`. It gives the machines what [`machine`] asks of a shell: one
//! object a name, one input at a time; rows and an alarm in one transaction; letters between
//! objects, a key-value store and HTTP, each with a limit of time and an outcome, also
//! *unknown*. It decides nothing. `tests/machines/object.rs` is such a shell in a page or two,
//! `simulation/src/shell.rs` one that fails on purpose.
//!
//! ## Smaller things
//!
//! - A setting: [`config`], and the table in `docs/reference.md`.
//! - A route: [`route`], [`api`], `contract/openapi.yaml` with an example of each answer, and
//!   the same document.
//! - A line of the log: [`log::kind`], and the table in `docs/operations.md`.
//! - A field of a document: [`mapping`] and `contract/schemas`; `npm run contract` makes the types.
//!
//! Of each of them a test fails until it stands in the table.

pub mod addressing;
pub mod alert;
pub mod answer;
pub mod api;
pub mod backoff;
pub mod check;
pub mod config;
pub mod copy;
pub mod customer;
pub mod edge;
pub mod glance;
pub mod id;
pub mod integration;
pub mod issue;
pub mod json;
pub mod kombo;
pub mod lateness;
pub mod log;
pub mod machine;
pub mod mapping;
pub mod notifier;
pub mod object;
pub mod outbox;
pub mod projection;
pub mod reply;
pub mod route;
pub mod seen;
pub mod signature;
pub mod slack;
pub mod time;
pub mod token;
pub mod watch;

#[cfg(target_arch = "wasm32")]
mod cloudflare;

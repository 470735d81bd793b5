//! kombo-edge: a Cloudflare Worker between Kombo and a software company.
//!
//! It receives Kombo's webhooks, keeps in Workers KV which integrations belong to which
//! customer, and tells the team in Slack who cannot connect.
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
//! other in a circle. `scripts/layers.mjs` reads the order of the modules in this file and
//! checks both.
//!
//! 1. [`domain`] has our own words: ids, time, JSON, alerts, audiences.
//! 2. [`contracts`] has a folder for each counterpart: Kombo, Slack, the backend that reads
//!    Workers KV, the operator who gives settings and reads the log, and the messages that
//!    objects send each other.
//! 3. [`machine`] says what a state machine is: it gets rows, an input and the time, and
//!    returns changed rows and orders. It does no I/O.
//! 4. [`parts`] has what several machines share: the outbox, projections into Workers KV,
//!    the memory of event ids.
//! 5. [`objects`] has the three machines: [`objects::integration`], [`objects::customer`] and
//!    [`objects::notifier`], one object each for an integration, a customer and a Slack webhook.
//! 6. [`edge`] is the way in: deliveries, the API, health. It knows no machine, and no
//!    machine knows it.
//! 7. `cloudflare` is the only module that calls the platform, through the `worker` crate.
//!
//! Outside `src/`: `tests/machines` runs the machines without a platform, `simulation/` does so
//! for a long time and with every fault, and `tests/*.test.mjs` runs the built Worker on the
//! real runtime.
//!
//! # The life of an event
//!
//! 1. The edge checks the headers ([`edge::delivery::admit`]), reads the body up to a limit,
//!    verifies the signature over the raw bytes and reads the event
//!    ([`edge::delivery::receive`]).
//! 2. The body travels on as it was signed, and one object decides
//!    ([`contracts::objects::routing::letter`]): the Integration for everything about an
//!    integration, otherwise the Customer; the engineers' Notifier for what could not be read.
//!    The object commits the event's id, its consequences, what it owes to others, and the
//!    alarm, in one transaction. Only then does the edge answer 200.
//! 3. The object's alarm does what it owes: an Integration tells the Customer that holds it and
//!    writes its keys; a Customer writes its keys and hands alerts to a Notifier; the Notifier
//!    posts them, one a second. Whatever fails is tried again.
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
//! Begin with a failing test. The compiler leads to most places, because each `match` names all
//! variants; the lists here name those to which it does not.
//!
//! ## A type of event
//!
//! 1. [`contracts::kombo::What`]: a variant with its facts, in our words, and Kombo's name of it in
//!    [`contracts::kombo::What::kind`].
//! 2. `src/contracts/kombo/wire.rs`: a line in `parser`, the type of its `data`, and the function that
//!    makes a [`contracts::kombo::What`] of it. Ask for what the mapping or an alert cannot do without, and
//!    for nothing else.
//! 3. [`contracts::kombo::KINDS`]: without it an event of this type could not leave the quarantine.
//! 4. The compiler asks which object decides ([`contracts::objects::routing::letter`]), what the log says of it
//!    (`src/edge/delivery.rs`), and what the object makes of it (`State::hear` in
//!    `src/objects/customer/state.rs`, `join` in `src/objects/integration/head.rs`: the other one does nothing).
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
//! 1. [`domain::alert::What`]: a variant with its facts. No fact may be an integration id: an
//!    [`domain::id::Handle`] stands for it. A version before this one says of such an alert that it
//!    cannot word it, and loses nothing.
//! 2. Its words: the compiler asks `about` in `src/contracts/slack/wording.rs` where they are. What a
//!    customer's trouble is, `connection` or `trouble` says; what engineers decide, `engineers`,
//!    whose `match` ends in a catch-all: add the arm there too.
//! 3. Who makes it: `news` in `src/objects/customer` or `src/objects/integration`, or the Notifier about the
//!    Worker itself. Its `id` is the same each time that it is handed over, and another one for
//!    the next occasion; [`domain::alert::Alert::audience`] is the team or the engineers. What belongs
//!    to an incident has an [`domain::alert::Episode`], and each alert of it says all that the earlier
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
//! - A setting: [`contracts::operator::settings`], and the table in `docs/reference.md`.
//! - A route: [`edge::route`], [`edge::api`], `contract/openapi.yaml` with an example of each answer, and
//!   the same document.
//! - A line of the log: [`contracts::operator::log::kind`], and the table in `docs/operations.md`.
//! - A field of a document: [`contracts::backend`] and `contract/schemas`; `npm run contract` makes the types.
//!
//! Of each of them a test fails until it stands in the table.

// In the order of their layers: each uses those before it alone (scripts/layers.mjs).
pub mod domain;
pub mod contracts;
pub mod machine;
pub mod parts;
pub mod objects;
pub mod edge;
#[cfg(target_arch = "wasm32")]
mod cloudflare;

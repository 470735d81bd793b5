//! Checks the integration with Kombo, about once a week: webhooks get lost, and Kombo can't list
//! integrations, but it answers about one.
//!
//! A newer state is merged. Nothing is removed: an id that Kombo does not know twice, a day apart,
//! is marked and reported, and a human decides. First of all the key must belong to the environment
//! of this deployment, or nothing that Kombo says counts. That environment is the first one in which
//! Kombo knew one of our integrations: a key that was set by mistake would otherwise fix the wrong
//! one.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contracts::kombo::{self, IntegrationStatus, Question, RecheckAnswer};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::operator::log::{Kind, Line, kind};
use crate::domain::audience::Audience;
use crate::domain::backoff;
use crate::domain::http::Answered;
use crate::domain::id::IntegrationId;
use crate::domain::time::Timestamp;
use crate::machine::{Outcome, Receipt, Send};

/// The longest interval between two checks; the shortest is half of it.
const MAX_INTERVAL: Duration = Duration::from_hours(9 * 24);
/// A number of attempts after which the backoff is spread over the whole interval.
const ATTEMPTS: u32 = 30;
/// The wait after an unusable answer.
const RETRY: Duration = Duration::from_hours(1);
/// The wait after a refusal of the key, and between two answers that an id is unknown.
const NEXT_DAY: Duration = Duration::from_hours(24);
/// The shortest wait when Kombo asks to wait; the longest is a day.
const MIN_WAIT: Duration = Duration::from_secs(60);

/// The progress of the check.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Recheck {
    /// When the next step is due; `None` while no checks are wanted.
    at: Option<Timestamp>,
    step: Step,
    /// When Kombo was asked about the integration.
    asked_at: Timestamp,
    /// When Kombo first did not know it.
    unknown_since: Option<Timestamp>,
}

/// What is asked next.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// Which environment the key belongs to.
    #[default]
    Key,
    /// Whether this environment is that of the deployment.
    Environment(String),
    /// How the integration is.
    Integration,
    /// The same, with a key of this environment, which may not be that of the deployment.
    Unproven(String),
    /// Nothing: this environment is ours, since Kombo knows the integration there.
    Proven(String),
}

/// Who is asked.
pub(super) enum Inquiry {
    /// Kombo's API.
    Kombo(Question),
    /// The engineers' Notifier, which knows the environment.
    Environment(Send),
}

/// What a step found out about the integration.
pub(super) enum Finding {
    /// Nothing.
    Nothing,
    /// How it is, asked at this time.
    Known(Box<IntegrationStatus>, Timestamp),
    /// Kombo has not known it since this time.
    Missing(Timestamp),
}

impl Recheck {
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.at
    }

    /// Corrects what a clock that was ahead made too long.
    pub(super) fn correct_waits(&mut self, now: Timestamp) {
        if let Some(at) = &mut self.at {
            at.end_within(MAX_INTERVAL, now);
        }
        if let Some(since) = &mut self.unknown_since {
            since.end_within(Duration::ZERO, now);
        }
    }

    /// The step that is due. Until its outcome is known it counts as failed. `seed` spreads the
    /// times over the integrations.
    pub(super) fn poll(
        &mut self,
        id: &IntegrationId,
        is_wanted: bool,
        now: Timestamp,
        seed: &str,
    ) -> Option<Inquiry> {
        if !is_wanted {
            (self.at, self.step) = (None, Step::Key);
        } else if self.at.is_none() {
            self.rest(now, seed);
        }
        self.at.filter(|&at| at <= now)?;
        self.at = Some(now.plus(RETRY));
        Some(match &self.step {
            Step::Key => Inquiry::Kombo(Question::Key),
            Step::Environment(id) => Inquiry::Environment(environment(id, false)),
            Step::Proven(id) => Inquiry::Environment(environment(id, true)),
            Step::Integration | Step::Unproven(_) => {
                self.asked_at = now;
                Inquiry::Kombo(Question::Integration(id.clone()))
            }
        })
    }

    /// Handles an answer of Kombo: what it says of the integration, and the line of the log.
    pub(super) fn complete_question(
        &mut self,
        outcome: Outcome<Answered>,
        id: &IntegrationId,
        now: Timestamp,
        seed: &str,
    ) -> (Finding, Option<Line>) {
        let Ok(answer) = outcome else {
            return self.failed(now);
        };
        if answer.status == 429 {
            let wait = answer.wait(now).unwrap_or(RETRY);
            self.restart(now, wait.clamp(MIN_WAIT, NEXT_DAY));
            return (Finding::Nothing, None);
        }
        match self.step.clone() {
            Step::Key => (Finding::Nothing, self.key(&answer, now)),
            Step::Integration => {
                self.integration(kombo::recheck_answer(id, &answer), id, now, seed)
            }
            Step::Unproven(environment) => {
                let said = kombo::recheck_answer(id, &answer);
                self.unproven(environment, said, id, now, seed)
            }
            Step::Environment(_) | Step::Proven(_) => self.failed(now),
        }
    }

    /// Handles what the engineers' Notifier knows of the environment: the line of the log.
    pub(super) fn complete_environment(
        &mut self,
        outcome: &Outcome<Receipt>,
        now: Timestamp,
        seed: &str,
    ) -> Option<Line> {
        match (self.step.clone(), outcome) {
            (Step::Environment(_), Ok(Receipt::Accepted)) => {
                self.advance(Step::Integration, now);
                None
            }
            (Step::Environment(id), Ok(Receipt::Unsettled)) => {
                self.advance(Step::Unproven(id), now);
                None
            }
            (Step::Proven(_), Ok(Receipt::Accepted)) => {
                self.rest(now, seed);
                None
            }
            (Step::Environment(_) | Step::Proven(_), Ok(Receipt::Conflict)) => {
                self.restart(now, NEXT_DAY);
                let reason = "KOMBO_API_KEY belongs to another environment than this deployment; \
                    set the right key";
                Some(line(now, kind::RECHECK_OTHER_ENVIRONMENT, reason))
            }
            _ => self.failed(now).1,
        }
    }

    fn key(&mut self, answer: &Answered, now: Timestamp) -> Option<Line> {
        if let Some(id) = kombo::environment(answer) {
            self.advance(Step::Environment(id), now);
            return None;
        }
        let (wait, kind) = if matches!(answer.status, 401 | 403) {
            (NEXT_DAY, kind::RECHECK_KEY_REFUSED)
        } else {
            (RETRY, kind::RECHECK_FAILED)
        };
        self.restart(now, wait);
        let reason = format!("Kombo answered {} to the key", answer.status);
        Some(line(now, kind, &reason))
    }

    fn integration(
        &mut self,
        said: RecheckAnswer,
        id: &IntegrationId,
        now: Timestamp,
        seed: &str,
    ) -> (Finding, Option<Line>) {
        let (finding, kind) = match said {
            RecheckAnswer::Known(known) => {
                self.unknown_since = None;
                self.rest(now, seed);
                (Finding::Known(known, self.asked_at), kind::RECHECK_KNOWN)
            }
            RecheckAnswer::Unknown => self.unknown(now, seed),
            RecheckAnswer::Unusable => {
                self.restart(now, RETRY);
                let reason = "an answer of Kombo's API without the integration";
                return (
                    Finding::Nothing,
                    Some(line(now, kind::RECHECK_FAILED, reason)),
                );
            }
        };
        (finding, Some(Line::new(now, kind).with(id)))
    }

    /// Kombo does not know the integration: once may be a mistake.
    fn unknown(&mut self, now: Timestamp, seed: &str) -> (Finding, Kind) {
        let since = *self.unknown_since.get_or_insert(now);
        if since == now {
            self.restart(now, NEXT_DAY);
            return (Finding::Nothing, kind::RECHECK_UNKNOWN_ONCE);
        }
        self.rest(now, seed);
        (Finding::Missing(since), kind::RECHECK_UNKNOWN)
    }

    /// An answer to a key whose environment may be another one: that Kombo knows the integration
    /// proves that it is ours, and that it does not proves nothing.
    fn unproven(
        &mut self,
        environment: String,
        said: RecheckAnswer,
        id: &IntegrationId,
        now: Timestamp,
        seed: &str,
    ) -> (Finding, Option<Line>) {
        if !matches!(said, RecheckAnswer::Known(_)) {
            self.restart(now, NEXT_DAY);
            let reason = "no proof yet that KOMBO_API_KEY belongs to the environment of this \
                deployment";
            return (
                Finding::Nothing,
                Some(line(now, kind::RECHECK_UNPROVEN, reason)),
            );
        }
        let found = self.integration(said, id, now, seed);
        self.advance(Step::Proven(environment), now);
        found
    }

    fn failed(&mut self, now: Timestamp) -> (Finding, Option<Line>) {
        self.restart(now, RETRY);
        let reason = "no usable answer";
        (
            Finding::Nothing,
            Some(line(now, kind::RECHECK_FAILED, reason)),
        )
    }

    fn rest(&mut self, now: Timestamp, seed: &str) {
        self.restart(now, backoff::after(ATTEMPTS, seed, MAX_INTERVAL));
    }

    /// Begins from the first step after a wait.
    fn restart(&mut self, now: Timestamp, wait: Duration) {
        (self.at, self.step) = (Some(now.plus(wait)), Step::Key);
    }

    fn advance(&mut self, step: Step, now: Timestamp) {
        (self.at, self.step) = (Some(now), step);
    }
}

fn line(now: Timestamp, kind: Kind, reason: &str) -> Line {
    Line::new(now, kind).because(reason)
}

/// Asks whether an environment is ours, or says that it is.
fn environment(id: &str, is_proven: bool) -> Send {
    let id = id.to_owned();
    Send {
        to: Address::Notifier(Audience::Engineers),
        message: Envelope::encode(Message::Environment { id, is_proven }),
    }
}

//! Checking the integration with Kombo, about once a week: webhooks get lost, and Kombo
//! lists no integrations, but it tells the truth about one.
//!
//! A newer state is taken over. Nothing is removed: an id that Kombo does not know twice,
//! a day apart, is marked and told, and a human decides. First of all the key must be of
//! the environment that was seen first here, or nothing that Kombo says counts. Seen is an
//! environment once Kombo knew an integration of ours there: a key that was set by mistake
//! first would fix the wrong one.

use core::time::Duration;

use super::claim::Claim;
use super::facts::Facts;
use super::head::Head;
use super::recheck_schedule::Step;
use crate::contracts::kombo::{self, Said, Standing};
use crate::contracts::objects::address::Address;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::notifier::Message;
use crate::contracts::operator::log::{Kind, Line, kind};
use crate::domain::alert::What;
use crate::domain::audience::Audience;
use crate::domain::http::Answered;
use crate::domain::time::Timestamp;
use crate::machine::{Change, Order, Outcome, Scene};
use crate::parts::outbox;

/// After an answer that says nothing.
const LATER: Duration = Duration::from_hours(1);
/// After a refusal of the key, and between two answers that an id is unknown.
const TOMORROW: Duration = Duration::from_hours(24);
/// Kombo is asked again as soon as this after it asked to wait, and as late as a day.
const SHORTEST_WAIT: Duration = Duration::from_secs(60);

impl Head {
    /// The step that is due. Until its outcome is known it counts as one that failed.
    pub(super) fn ask_kombo(&mut self, scene: Scene<'_>) -> Option<Order> {
        let (name, now) = (self.name(), scene.now);
        let wanted = scene.settings.rechecks && self.facts.is_alive();
        self.recheck.follow(wanted, now, &name);
        self.recheck.at.filter(|&at| at <= now)?;
        self.recheck.at = Some(now.plus(LATER));
        Some(match &self.recheck.step {
            Step::Key => Order::Kombo(kombo::Question::Key),
            Step::Environment(id) => environment(id, false),
            Step::Proven(id) => environment(id, true),
            Step::Integration | Step::Unproven(_) => {
                self.recheck.asked_at = now;
                Order::Kombo(kombo::Question::Integration(self.facts.id.clone()))
            }
        })
    }

    /// Takes in what a step came to: the rows besides the head that change, and the line
    /// of the log.
    pub(super) fn rechecked(
        &mut self,
        scene: Scene<'_>,
        outcome: &Outcome,
    ) -> (Vec<Change>, Option<Line>) {
        let now = scene.now;
        let failed = |kind, reason: &str| Some(Line::new(now, kind).because(reason));
        if let Outcome::Answered(answer) = outcome
            && answer.status == 429
        {
            self.recheck.again(now, wait(answer));
            return (Vec::new(), None);
        }
        match (self.recheck.step.clone(), outcome) {
            (Step::Key, Outcome::Answered(answer)) => {
                let Some(id) = kombo::environment(answer) else {
                    self.recheck.again(now, TOMORROW);
                    let reason = format!("Kombo answered {} to the key", answer.status);
                    return (Vec::new(), failed(kind::RECHECK_KEY_REFUSED, &reason));
                };
                self.recheck.go_on(Step::Environment(id), now);
                (Vec::new(), None)
            }
            (Step::Environment(_), Outcome::Done) => {
                self.recheck.go_on(Step::Integration, now);
                (Vec::new(), None)
            }
            (Step::Environment(id), Outcome::Unsettled) => {
                self.recheck.go_on(Step::Unproven(id), now);
                (Vec::new(), None)
            }
            (Step::Proven(_), Outcome::Done) => {
                let name = self.name();
                self.recheck.rest(now, &name);
                (Vec::new(), None)
            }
            (Step::Environment(_) | Step::Proven(_), Outcome::Differs) => {
                self.recheck.again(now, TOMORROW);
                let reason = "KOMBO_API_KEY is of another environment than the one that was seen first: set the right key";
                (Vec::new(), failed(kind::RECHECK_OTHER_ENVIRONMENT, reason))
            }
            (Step::Integration, Outcome::Answered(answer)) if self.facts.is_alive() => {
                self.take(scene, kombo::said(&self.facts.id, answer))
            }
            (Step::Unproven(id), Outcome::Answered(answer)) if self.facts.is_alive() => {
                self.take_as_proof(scene, id, kombo::said(&self.facts.id, answer))
            }
            _ => {
                self.recheck.again(now, LATER);
                (
                    Vec::new(),
                    failed(kind::RECHECK_FAILED, "there was no answer of use"),
                )
            }
        }
    }

    /// An answer by a key whose environment may be another one: that Kombo knows the
    /// integration shows that it is ours, and that it does not shows nothing.
    fn take_as_proof(
        &mut self,
        scene: Scene<'_>,
        environment: String,
        said: Said,
    ) -> (Vec<Change>, Option<Line>) {
        if !matches!(said, Said::Stands(_)) {
            self.recheck.again(scene.now, TOMORROW);
            let reason =
                "nothing shows yet that KOMBO_API_KEY is of the environment of this deployment";
            let line = Line::new(scene.now, kind::RECHECK_UNPROVEN).because(reason);
            return (Vec::new(), Some(line));
        }
        let taken = self.take(scene, said);
        self.recheck.go_on(Step::Proven(environment), scene.now);
        taken
    }

    fn take(&mut self, scene: Scene<'_>, said: Said) -> (Vec<Change>, Option<Line>) {
        let (name, now) = (self.name(), scene.now);
        let before = self.facts.clone();
        let (claim, kind) = match said {
            Said::Stands(known) => {
                self.recheck.unknown_since = None;
                self.recheck.rest(now, &name);
                let claim = self.facts.take_over(*known, self.recheck.asked_at);
                (claim, kind::RECHECK_KNOWN)
            }
            Said::Unknown => (Claim::Settled, self.unknown(now, &name)),
            Said::Nothing => {
                self.recheck.again(now, LATER);
                let line = Line::new(now, kind::RECHECK_FAILED);
                return (
                    Vec::new(),
                    Some(line.because("Kombo's answer says nothing")),
                );
            }
        };
        let line = Line::new(now, kind).with(self.facts.id.handle());
        if self.facts == before && claim == Claim::Settled {
            return (Vec::new(), Some(line));
        }
        self.revise(scene, &before, None);
        let news = self.missing(scene, &before);
        let news = news.or_else(|| self.news(scene, &before, claim));
        let alert = news.map(|(about, what)| self.alert(scene, None, &about, what));
        let owed = alert.map(|alert| outbox::owe(scene, &alert));
        (owed.into_iter().collect(), Some(line))
    }

    /// Kombo does not know it: once may be a mistake.
    fn unknown(&mut self, now: Timestamp, name: &str) -> Kind {
        let since = *self.recheck.unknown_since.get_or_insert(now);
        if since == now {
            self.recheck.again(now, TOMORROW);
            return kind::RECHECK_UNKNOWN_ONCE;
        }
        self.facts.missing_since.get_or_insert(since);
        self.recheck.rest(now, name);
        kind::RECHECK_UNKNOWN
    }

    /// What engineers must hear: that it is missing from now on.
    fn missing(&self, scene: Scene<'_>, before: &Facts) -> Option<(String, What)> {
        let since = self.facts.missing_since?;
        let tests = &scene.settings.alerting.test_customers;
        let is_test = self.facts.holder().is_some_and(|id| tests.contains(id));
        if before.missing_since.is_some() || is_test {
            return None;
        }
        let what = What::Missing {
            connection: self.connection(),
            handle: self.facts.id.handle(),
            since,
        };
        Some((format!("missing/{}", since.as_millis()), what))
    }
}

impl Facts {
    /// Joins what Kombo said when it was asked at a moment. The contact is left out: it
    /// would never be forgotten, and the next event names it.
    fn take_over(&mut self, mut known: Standing, asked_at: Timestamp) -> Claim {
        known.subject.end_user.contact = None;
        self.missing_since = None;
        self.state.correct(known.state, asked_at);
        self.setup_status.correct(known.setup_status, asked_at);
        self.learn(known.subject, asked_at)
    }
}

/// Asks whether an environment is ours, or says that it is.
fn environment(id: &str, is_proven: bool) -> Order {
    let id = id.to_owned();
    Order::Send {
        to: Address::Notifier(Audience::Engineers),
        message: Envelope::encode(Message::Environment { id, is_proven }),
    }
}

/// How long Kombo asks to wait.
fn wait(answer: &Answered) -> Duration {
    let seconds = answer.retry_after.as_deref();
    let seconds = seconds.and_then(|text| text.trim().parse().ok());
    let wait = seconds.map_or(LATER, Duration::from_secs);
    wait.clamp(SHORTEST_WAIT, TOMORROW)
}

//! What becomes of the orders of a round: Workers KV, Slack and the other objects,
//! with whatever can go wrong on the way.

use fastrand::Rng;
use kombo_edge::contracts::backend::Document;
use kombo_edge::contracts::objects::address::Address;
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{Order, Outcome};

use crate::actor::Moment;
use crate::kv::View;
use crate::sabotage::Sabotage;
use crate::script::Trouble;
use crate::world::{Thing, World};

/// An order of a round: which round, and its place in it.
pub(crate) type Place = (u64, usize);

/// How long the shell waits for an answer, and for Slack's.
const PATIENCE: Moment = 3_000;
const PATIENCE_WITH_SLACK: Moment = 10_000;
/// An unanswered write lands within this time, by the platform's word.
const LANDS_WITHIN: Moment = 55_000;
/// A letter that nobody waits for any more can be so late.
const LATEST: Moment = 48 * 60 * 60 * 1_000;

impl World<'_> {
    /// An order leaves.
    pub(crate) fn start(&mut self, name: &str, place: Place, order: &Order) {
        let mut rng = self.chances(name);
        match order {
            Order::Send { to, message } => {
                self.alerts
                    .hand_over(&self.actors[name].object, place.0, message);
                self.send(&mut rng, place, to, message);
            }
            Order::Project { key, document } => {
                self.project(&mut rng, place, key, document.as_ref());
            }
            Order::Compare { key, value } => {
                let outcome = self.compare(&mut rng, key, value);
                self.answer(&mut rng, place, outcome);
            }
            Order::List {
                prefix,
                cursor,
                limit,
            } => {
                let outcome = if self.strikes(Trouble::KvRefuses, &mut rng) {
                    refused()
                } else {
                    let view = self.view(&mut rng);
                    let from = (prefix.as_str(), cursor.as_deref(), *limit);
                    Outcome::Listed(self.kv.list(self.now, view, from))
                };
                self.answer(&mut rng, place, outcome);
            }
            Order::Kombo(question) => {
                self.must(false, "Kombo is not asked without a key", || {
                    format!("{question:?}")
                });
            }
            Order::Post { hook, payload } => self.post(&mut rng, place, *hook, payload),
        }
    }

    fn answer(&mut self, rng: &mut Rng, (run, place): Place, outcome: Outcome) {
        let at = self.now + rng.i64(1..40);
        self.plan(at, Thing::End(run, place, outcome));
    }

    fn silence(&mut self, (run, place): Place, patience: Moment) {
        let outcome = Outcome::Unknown("no answer in time".to_owned());
        self.plan(self.now + patience, Thing::End(run, place, outcome));
    }

    fn send(&mut self, rng: &mut Rng, place: Place, to: &Address, letter: &str) {
        let mut at = self.now + rng.i64(1..15);
        let mut teller = Some(place);
        if self.sabotage == Some(Sabotage::DoNotWaitForAnswers) {
            self.answer(rng, place, Outcome::Done);
            teller = None;
        }
        if self.strikes(Trouble::LettersAreLost, rng) {
            return self.silence(place, PATIENCE);
        }
        if self.strikes(Trouble::LettersAreUnanswered, rng) {
            self.silence(place, PATIENCE);
            teller = None;
        } else if self.strikes(Trouble::LettersAreLate, rng) {
            self.silence(place, PATIENCE);
            teller = None;
            at = self.now + PATIENCE + rng.i64(0..LATEST);
        }
        let arrival = Thing::Arrival {
            to: to.clone(),
            letter: letter.to_owned(),
            teller,
        };
        self.plan(at, arrival);
    }

    /// What one object tells another arrives.
    pub(crate) fn arrive(&mut self, to: &Address, letter: &str, teller: Option<Place>) {
        let reply = self.tell(to, letter);
        let Some((run, place)) = teller else {
            return;
        };
        let outcome = match reply {
            None => return self.silence((run, place), PATIENCE),
            Some(Reply::Conflict) => Outcome::Differs,
            Some(Reply::Unsettled) => Outcome::Unsettled,
            Some(_) => Outcome::Done,
        };
        self.plan(self.now + 2, Thing::End(run, place, outcome));
    }

    fn project(&mut self, rng: &mut Rng, place: Place, key: &str, document: Option<&Document>) {
        if self.strikes(Trouble::KvRefuses, rng) {
            return self.answer(rng, place, refused());
        }
        if self.strikes(Trouble::KvHangs, rng) {
            return self.silence(place, PATIENCE);
        }
        let (mut at, mut writer) = (self.now + rng.i64(1..40), Some(place));
        let is_late = self.strikes(Trouble::KvWritesLate, rng);
        if is_late {
            at = self.now + rng.i64(PATIENCE..LANDS_WITHIN);
        }
        if is_late || self.strikes(Trouble::KvLosesAnswers, rng) {
            writer = None;
            if self.sabotage == Some(Sabotage::TrustKv) {
                self.answer(rng, place, Outcome::Done);
            } else {
                self.silence(place, PATIENCE);
            }
        }
        let write = Thing::Write {
            key: key.to_owned(),
            document: document.cloned(),
            writer,
        };
        self.plan(at, write);
    }

    /// Workers KV writes a key, if it was not written in the last second.
    pub(crate) fn write(&mut self, key: &str, document: Option<Document>, writer: Option<Place>) {
        let wrote = self.kv.write(self.now, key, document);
        if let Some((run, place)) = writer {
            let outcome = if wrote { Outcome::Done } else { refused() };
            self.plan(self.now + 1, Thing::End(run, place, outcome));
        }
    }

    fn view(&mut self, rng: &mut Rng) -> View {
        if self.strikes(Trouble::KvIsStale, rng) {
            View::Stale
        } else {
            View::Present
        }
    }

    fn compare(&mut self, rng: &mut Rng, key: &str, value: &str) -> Outcome {
        if self.strikes(Trouble::KvRefuses, rng) {
            return refused();
        }
        let view = self.view(rng);
        let found = self.kv.read(self.now, key, view);
        if found.is_some_and(|document| document.value == value) {
            Outcome::Done
        } else {
            Outcome::Differs
        }
    }

    fn post(&mut self, rng: &mut Rng, place: Place, hook: Audience, payload: &str) {
        self.tally.posts += 1;
        let (run, _) = place;
        let name = Address::Notifier(hook).name();
        let post = self
            .alerts
            .leave(self.now, run, hook, &self.actors[&name].object, payload);
        self.note(post);
        if self.strikes(Trouble::SlackHangs, rng) {
            return self.silence(place, PATIENCE_WITH_SLACK);
        }
        if self.strikes(Trouble::SlackLosesAnswers, rng) {
            self.take(run);
            return self.silence(place, PATIENCE_WITH_SLACK);
        }
        let mut answer = self.slack(rng, hook);
        if answer.status == 200 {
            self.take(run);
        } else if self.sabotage == Some(Sabotage::TakeEveryAnswerForYes) {
            answer.status = 200;
        }
        self.answer(rng, place, Outcome::Answered(answer));
    }

    fn take(&mut self, run: u64) {
        let times = if self.sabotage == Some(Sabotage::PostTwice) {
            2
        } else {
            1
        };
        for _ in 0..times {
            let taken = self.alerts.take(self.now, run);
            self.note(taken);
        }
    }

    /// What Slack answers.
    fn slack(&mut self, rng: &mut Rng, hook: Audience) -> Answered {
        let answer = |status, body: &str, retry_after: Option<&str>| Answered {
            status,
            body: body.to_owned(),
            retry_after: retry_after.map(str::to_owned),
        };
        if self.strikes(Trouble::SlackIsBusy, rng) {
            let after = [None, Some("0"), Some("7"), Some("9999"), Some("soon")][rng.usize(..5)];
            self.alerts.ask_to_wait(self.now, hook, after);
            return answer(429, "ratelimited", after);
        }
        if self.strikes(Trouble::SlackFails, rng) {
            return answer([500, 503][rng.usize(..2)], "", None);
        }
        if self.strikes(Trouble::SlackRefusesHook, rng) {
            let refusals = [
                (404, "no_service"),
                (403, "action_prohibited"),
                (410, "channel_is_archived"),
                (302, ""),
            ];
            let (status, body) = refusals[rng.usize(..refusals.len())];
            return answer(status, body, None);
        }
        if self.strikes(Trouble::SlackRefusesMessages, rng) {
            let refusals = [(400, "invalid_blocks"), (413, "")];
            let (status, body) = refusals[rng.usize(..refusals.len())];
            return answer(status, body, None);
        }
        answer(200, "ok", None)
    }

    /// An order of a round is over.
    pub(crate) fn end(&mut self, run: u64, place: usize, outcome: Outcome) {
        let Some(round) = self.runs.get_mut(&run) else {
            // The object died meanwhile.
            return;
        };
        let is_answered = matches!(&outcome, Outcome::Answered(answer) if answer.status == 200);
        if is_answered {
            self.alerts.answer(run);
        }
        round.outcomes[place].get_or_insert(outcome);
        if round.outcomes.iter().all(Option::is_some) {
            self.finish(run);
        }
    }
}

fn refused() -> Outcome {
    Outcome::Failed("KV PUT failed: 503".to_owned())
}

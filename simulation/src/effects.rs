//! The outcomes of the effects of a run: Workers KV, Slack and the other objects, with everything that can
//! go wrong on the way.

use fastrand::Rng;
use kombo_edge::contracts::backend::Document;
use kombo_edge::contracts::objects::address::Address;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::http::Answered;
use kombo_edge::machine::{Comparison, Effect, EffectError, Listed, Post, Receipt, Send, Write};

use crate::actor::Moment;
use crate::ended::Ended;
use crate::kv::View;
use crate::mutation::Mutation;
use crate::script::Fault;
use crate::world::{SimEvent, World};

/// An effect of a run: which run, and its place in it.
pub(crate) type Place = (u64, usize);

/// How long an object waits for an answer, and for Slack's.
pub(crate) const PATIENCE: Moment = 3_000;
pub(crate) const PATIENCE_WITH_SLACK: Moment = 10_000;
/// What Slack asks to wait.
const WAITS: [Option<&str>; 6] = [
    None,
    Some("0"),
    Some("7"),
    Some("9999"),
    Some("soon"),
    Some("99999999999999999999"),
];
/// An unanswered write takes effect within this time, as the platform documents.
const LANDS_WITHIN: Moment = 55_000;
/// The longest delay of a message whose sender no longer waits.
const LATEST: Moment = 48 * 60 * 60 * 1_000;

impl World<'_> {
    /// An effect leaves.
    pub(crate) fn start(&mut self, name: &str, place: Place) {
        let mut rng = self.chances(name);
        let run = self.runs.get_mut(&place.0).expect("a run that began");
        let effect = run.effects[place.1].take().expect("an effect that began");
        match &effect {
            Effect::Send(Send { to, message }, _) => {
                let object = &self.actors[name].object;
                self.alerts.hand_over(object, place.0, message);
                self.send(&mut rng, place, to, message);
            }
            Effect::Write(Write { key, document }, _) => {
                self.project(&mut rng, place, key, document.as_ref());
            }
            Effect::WriteAll(writes, _) => self.project_all(&mut rng, place, writes),
            Effect::Compare(compare, _) => {
                let ended = self.compare(&mut rng, &compare.key, &compare.value);
                self.answer(&mut rng, place, ended);
            }
            Effect::List(list, _) => {
                let ended = if self.strikes(Fault::KvRefuses, &mut rng) {
                    Ended::Refused
                } else {
                    let view = self.view(&mut rng);
                    let from = (list.prefix.as_str(), list.cursor.as_deref(), list.limit);
                    Ended::Listed(self.kv.list(self.now, view, from))
                };
                self.answer(&mut rng, place, ended);
            }
            Effect::Ask(question, _) => {
                self.must(false, "Kombo is not asked without a key", || {
                    format!("{question:?}")
                });
            }
            Effect::Post(Post { audience, payload }, _) => {
                self.post(&mut rng, place, *audience, payload);
            }
        }
        if let Some(run) = self.runs.get_mut(&place.0) {
            run.effects[place.1] = Some(effect);
        }
    }

    fn answer(&mut self, rng: &mut Rng, (run, place): Place, ended: Ended) {
        let at = self.now + rng.i64(1..40);
        self.plan(at, SimEvent::End(run, place, ended));
    }

    fn silence(&mut self, (run, place): Place, patience: Moment) {
        self.plan(
            self.now + patience,
            SimEvent::End(run, place, Ended::Unanswered),
        );
    }

    fn send(&mut self, rng: &mut Rng, place: Place, to: &Address, message: &str) {
        let mut at = self.now + rng.i64(1..15);
        let mut sender = Some(place);
        if self.mutation == Some(Mutation::DoNotWaitForAnswers) {
            self.answer(rng, place, Ended::Sent(Ok(Receipt::Accepted)));
            sender = None;
        }
        if self.strikes(Fault::MessagesAreLost, rng) {
            return self.silence(place, PATIENCE);
        }
        if self.strikes(Fault::MessagesAreUnanswered, rng) {
            self.silence(place, PATIENCE);
            sender = None;
        } else if self.strikes(Fault::MessagesAreLate, rng) {
            self.silence(place, PATIENCE);
            sender = None;
            at = self.now + PATIENCE + rng.i64(0..LATEST);
        }
        let arrival = SimEvent::Arrival {
            to: to.clone(),
            message: message.to_owned(),
            sender,
        };
        self.plan(at, arrival);
    }

    /// A message from one object arrives at another.
    pub(crate) fn arrive(&mut self, to: &Address, message: &str, sender: Option<Place>) {
        let reply = self.call(to, message);
        let Some((run, place)) = sender else {
            return;
        };
        let Some(reply) = reply else {
            return self.silence((run, place), PATIENCE);
        };
        let ended = Ended::Sent(Receipt::of(&reply));
        self.plan(self.now + 2, SimEvent::End(run, place, ended));
    }

    fn project(&mut self, rng: &mut Rng, place: Place, key: &str, document: Option<&Document>) {
        if self.strikes(Fault::KvRefuses, rng) {
            return self.answer(rng, place, Ended::Refused);
        }
        if self.strikes(Fault::KvHangs, rng) {
            return self.silence(place, PATIENCE);
        }
        let (mut at, mut writer) = (self.now + rng.i64(1..40), Some(place));
        let is_late = self.strikes(Fault::KvWritesLate, rng);
        if is_late {
            at = self.now + rng.i64(PATIENCE..LANDS_WITHIN);
        }
        if is_late || self.strikes(Fault::KvLosesAnswers, rng) {
            writer = None;
            if self.mutation == Some(Mutation::TrustKv) {
                self.answer(rng, place, Ended::Written);
            } else {
                self.silence(place, PATIENCE);
            }
        }
        let write = SimEvent::Write {
            key: key.to_owned(),
            document: document.cloned(),
            writer,
        };
        self.plan(at, write);
    }

    /// Some writes that share their fate, apart from keys that were written in the last second.
    fn project_all(&mut self, rng: &mut Rng, place: Place, writes: &[Write]) {
        if self.strikes(Fault::KvRefuses, rng) {
            return self.answer(rng, place, Ended::Refused);
        }
        if self.strikes(Fault::KvHangs, rng) {
            return self.silence(place, PATIENCE);
        }
        if self.strikes(Fault::KvWritesLate, rng) || self.strikes(Fault::KvLosesAnswers, rng) {
            self.silence(place, PATIENCE);
            let at = self.now + rng.i64(1..LANDS_WITHIN);
            for Write { key, document } in writes.iter().cloned() {
                let write = SimEvent::Write {
                    key,
                    document,
                    writer: None,
                };
                self.plan(at, write);
            }
            return;
        }
        let written = writes.iter().map(|Write { key, document }| {
            let wrote = self.kv.write(self.now, key, document.clone());
            let refused = || EffectError::Failed("a refusal".to_owned());
            wrote.then_some(()).ok_or_else(refused)
        });
        let ended = Ended::WrittenAll(written.collect());
        self.answer(rng, place, ended);
    }

    /// Workers KV writes a key, if it was not written in the last second.
    pub(crate) fn write(&mut self, key: &str, document: Option<Document>, writer: Option<Place>) {
        let wrote = self.kv.write(self.now, key, document);
        if let Some((run, place)) = writer {
            let ended = if wrote {
                Ended::Written
            } else {
                Ended::Refused
            };
            self.plan(self.now + 1, SimEvent::End(run, place, ended));
        }
    }

    fn view(&mut self, rng: &mut Rng) -> View {
        if self.strikes(Fault::KvIsStale, rng) {
            View::Stale
        } else {
            View::Present
        }
    }

    fn compare(&mut self, rng: &mut Rng, key: &str, value: &str) -> Ended {
        if self.strikes(Fault::KvRefuses, rng) {
            return Ended::Refused;
        }
        let view = self.view(rng);
        let found = self.kv.read(self.now, key, view);
        if found.is_some_and(|document| document.value == value) {
            Ended::Compared(Comparison::Same)
        } else {
            Ended::Compared(Comparison::Differs)
        }
    }

    fn post(&mut self, rng: &mut Rng, place: Place, hook: Audience, payload: &str) {
        self.stats.posts += 1;
        let (run, _) = place;
        let name = Address::Notifier(hook).name();
        let post = self
            .alerts
            .leave(self.now, run, hook, &self.actors[&name].object, payload);
        self.note(post);
        if self.strikes(Fault::SlackHangs, rng) {
            return self.silence(place, PATIENCE_WITH_SLACK);
        }
        if self.strikes(Fault::SlackLosesAnswers, rng) {
            self.take(run);
            return self.silence(place, PATIENCE_WITH_SLACK);
        }
        let mut answer = self.slack(rng, hook);
        if is_delivery(&answer) {
            self.take(run);
        } else if self.mutation == Some(Mutation::TakeEveryAnswerForYes) {
            answer = delivery();
        }
        self.answer(rng, place, Ended::Answered(answer));
    }

    fn take(&mut self, run: u64) {
        let times = if self.mutation == Some(Mutation::PostTwice) {
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
        if self.strikes(Fault::SlackIsBusy, rng) {
            let after = WAITS[rng.usize(..WAITS.len())];
            self.alerts.ask_to_wait(self.now, hook, after);
            return answer(429, "ratelimited", after);
        }
        if self.strikes(Fault::SlackFails, rng) {
            return answer([500, 503, 408, 425][rng.usize(..4)], "", None);
        }
        if self.strikes(Fault::SlackRefusesHook, rng) {
            let refusals = [
                (404, "no_service"),
                (400, "invalid_token"),
                (200, "<!doctype html>"),
                (200, "{\"ok\":false}"),
                (403, "action_prohibited"),
                (410, "channel_is_archived"),
                (302, ""),
            ];
            let (status, body) = refusals[rng.usize(..refusals.len())];
            return answer(status, body, None);
        }
        if self.strikes(Fault::SlackRefusesMessages, rng) {
            let refusals = [(400, "invalid_blocks"), (413, ""), (400, "no_text")];
            let (status, body) = refusals[rng.usize(..refusals.len())];
            return answer(status, body, None);
        }
        delivery()
    }

    /// An effect of a run has its outcome. Of two, the first counts.
    pub(crate) fn end(&mut self, run: u64, place: usize, ended: Ended) {
        let Some(of_run) = self.runs.get_mut(&run) else {
            // The object died meanwhile.
            return;
        };
        if matches!(&ended, Ended::Answered(answer) if is_delivery(answer)) {
            self.alerts.answer(run);
        }
        if let Some(effect) = of_run.effects[place].take() {
            complete(effect, ended);
        }
        if of_run.effects.iter().all(Option::is_none) {
            self.finish(run);
        }
    }
}

/// What Slack answers when it takes a message.
fn delivery() -> Answered {
    Answered {
        status: 200,
        body: "ok".to_owned(),
        retry_after: None,
    }
}

fn is_delivery(answer: &Answered) -> bool {
    *answer == delivery()
}

/// Gives an effect its outcome.
fn complete(effect: Effect, ended: Ended) {
    match (effect, ended) {
        (Effect::Send(_, then), Ended::Sent(receipt)) => then.complete(receipt),
        (Effect::Write(_, then), Ended::Written) => then.complete(Ok(())),
        (Effect::WriteAll(_, then), Ended::WrittenAll(all)) => then.complete(Ok(all)),
        (Effect::Compare(_, then), Ended::Compared(it)) => then.complete(Ok(it)),
        (Effect::List(_, then), Ended::Listed(page)) => then.complete(Ok(Listed::Page(page))),
        (Effect::Post(_, then), Ended::Answered(answer)) => then.complete(Ok(answer)),
        (effect, Ended::Refused) => fail(effect, EffectError::Failed("a refusal".to_owned())),
        (effect, Ended::Unanswered) => fail(effect, EffectError::Unknown("no answer".to_owned())),
        (effect, ended) => panic!("{effect:?} cannot end as {ended:?}"),
    }
}

fn fail(effect: Effect, error: EffectError) {
    match effect {
        Effect::Send(_, then) => then.complete(Err(error)),
        Effect::Write(_, then) => then.complete(Err(error)),
        Effect::WriteAll(_, then) => then.complete(Err(error)),
        Effect::Compare(_, then) => then.complete(Err(error)),
        Effect::List(_, then) => then.complete(Err(error)),
        Effect::Ask(_, then) | Effect::Post(_, then) => then.complete(Err(error)),
    }
}

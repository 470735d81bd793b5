//! The promises hold over many seeds, and the simulation detects when they do not.

use kombo_edge_simulation::{Act, Failure, Fault, Mutation, Script, Stats, run, run_with, shrink};

/// Enough for every fault to strike.
const SEEDS: u64 = 150;

/// Enough for every mutation to be detected; the first seed that does so is the last to run.
const SEEDS_WITH_MUTATION: u64 = 600;

#[test]
fn every_promise_holds_whatever_happens() {
    let mut sum = Stats::default();
    for seed in 0..SEEDS {
        let script = Script::of(seed);
        let stats =
            run(&script).unwrap_or_else(|failure| panic!("seed {seed} {failure}\n{script}"));
        sum.add(&stats);
    }
    for fault in Fault::ALL {
        assert!(sum.faults.contains_key(&fault), "{fault:?} never struck");
    }
    assert!(sum.crashes > 0);
}

#[test]
fn the_same_seed_does_the_same() {
    for seed in 0..8 {
        let once = run(&Script::of(seed)).unwrap();
        assert_eq!(once, run(&Script::of(seed)).unwrap());
    }
    assert_ne!(run(&Script::of(0)).unwrap(), run(&Script::of(1)).unwrap());
}

/// Whether some seed breaks this promise with this mutation.
fn breaks(mutation: Mutation, promise: &str) -> bool {
    let failures = (0..SEEDS_WITH_MUTATION).map(|seed| run_with(&Script::of(seed), Some(mutation)));
    let mut failures = failures.filter_map(Result::err);
    failures.any(|failure: Failure| failure.promise == promise)
}

#[test]
fn an_answer_before_the_commit_is_detected() {
    assert!(breaks(
        Mutation::AnswerBeforeCommit,
        "every alert is sent or listed"
    ));
}

#[test]
fn an_alarm_without_a_guard_is_detected() {
    assert!(breaks(
        Mutation::SkipTheGuard,
        "an interrupted object continues soon"
    ));
}

#[test]
fn an_outbox_that_is_not_stored_is_detected() {
    assert!(breaks(
        Mutation::DropTheOutbox,
        "every customer that fails is named"
    ));
}

#[test]
fn an_alert_that_slack_rejected_and_that_counts_as_sent_is_detected() {
    assert!(breaks(
        Mutation::TakeEveryAnswerForYes,
        "every alert is sent or listed"
    ));
}

#[test]
fn a_message_that_counts_as_delivered_once_it_left_is_detected() {
    assert!(breaks(
        Mutation::DoNotWaitForAnswers,
        "the documents are what was accepted"
    ));
}

#[test]
fn a_write_that_counts_as_done_without_an_answer_is_detected() {
    assert!(breaks(
        Mutation::TrustKv,
        "the documents are what was accepted"
    ));
}

#[test]
fn a_message_that_is_posted_twice_is_detected() {
    assert!(breaks(
        Mutation::PostTwice,
        "an alert is sent once, unless an answer was lost"
    ));
}

#[test]
fn a_script_that_breaks_no_promise_is_not_shortened() {
    let script = Script::of(3);
    assert_eq!(shrink(&script).steps.len(), script.steps.len());
}

#[test]
fn every_seed_has_deliveries_and_a_fault_or_a_decision() {
    let scripts: Vec<Script> = (0..50).map(Script::of).collect();
    let has = |is: fn(&Act) -> bool| {
        let any = |script: &Script| script.steps.iter().any(|step| is(&step.act));
        scripts.iter().filter(|script| any(script)).count()
    };
    assert!(has(|act| matches!(act, Act::Deliver(_))) > 40);
    assert!(has(|act| matches!(act, Act::Fault(..))) > 30);
    assert!(has(|act| matches!(act, Act::Decide(_))) > 20);
}

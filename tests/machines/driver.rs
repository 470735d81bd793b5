//! The driver alone.

use core::time::Duration;

use kombo_edge::machine::{Driver, GUARD, SLACK_GUARD, StateRow, StepError};

use crate::echo::{
    Echo, TestHost, begin, failed, handle, has_rows, new_driver, run, write, write_due, write_later,
};
use crate::outside::answered;

#[test]
fn commits_a_message_and_sets_the_alarm_for_what_is_due() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "ask/1", 5_000);
    assert_eq!(*host.commits.borrow(), [["ask/1"]]);
    assert_eq!(host.alarm_in(), 5_000);
}

#[test]
fn returns_nothing_for_a_message_that_it_cannot_decode() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let handled = driver.handle(&host, r#"{"message":"tomorrow"}"#).unwrap();
    assert!(handled.is_none());
    assert!(host.commits.borrow().is_empty());
}

#[test]
fn a_message_begins_what_is_due_in_one_commit_with_a_guard() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let run = write_due(&mut driver, &host, "ask/1");
    assert_eq!(run.effects.len(), 1);
    assert_eq!(*host.commits.borrow(), [["ask/1"]]);
    assert_eq!(host.alarm_in(), GUARD.as_millis());
    assert_eq!(host.alarms.borrow().len(), 1);
}

#[test]
fn a_run_that_begins_with_a_message_sees_what_the_message_wrote() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let run = write_due(&mut driver, &host, "once/1");
    assert_eq!(run.effects.len(), 0, "a change of rows alone");
    assert_eq!(*host.commits.borrow(), [["once/1"]], "written once");
    assert!(!has_rows(&mut driver, &host));
}

#[test]
fn a_run_that_posts_to_slack_has_a_longer_guard() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    drop(write_due(&mut driver, &host, "post/1"));
    assert_eq!(host.alarm_in(), SLACK_GUARD.as_millis());
    let mut woken = new_driver();
    woken.begin(&host).unwrap().expect("a run");
    assert_eq!(host.alarm_in(), SLACK_GUARD.as_millis());
}

#[test]
fn an_interrupted_run_is_taken_up_within_seconds() {
    let (longest_effect, longest_post) = (Duration::from_secs(3), Duration::from_secs(10));
    assert!(longest_effect < GUARD && GUARD <= Duration::from_secs(4));
    assert!(longest_post < SLACK_GUARD && SLACK_GUARD <= Duration::from_secs(12));
}

#[test]
fn a_message_during_a_run_begins_no_other_one() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let mut first = write_due(&mut driver, &host, "ask/1");
    assert!(write(&mut driver, &host, "ask/2", 0).is_none());
    assert_eq!(host.alarms.borrow().len(), 1, "the guard stays");
    run(&mut first, &answered(200, ""));
    let second = driver.finish(&host, first).unwrap().next;
    assert_eq!(second.expect("another run").effects.len(), 1);
    assert!(has_rows(&mut driver, &host), "one is left");
}

#[test]
fn sets_the_alarm_only_if_something_is_due_earlier() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "ask/1", 5_000);
    write_later(&mut driver, &host, "ask/2", 9_000);
    assert_eq!(host.alarms.borrow().len(), 1, "the earlier one stays");
    write_later(&mut driver, &host, "ask/3", 2_000);
    assert_eq!(host.alarm_in(), 2_000);
}

#[test]
fn does_not_postpone_a_near_alarm_while_messages_keep_coming() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    drop(write_due(&mut driver, &host, "ask/1"));
    for _ in 0..9 {
        host.pass(1_000);
        assert!(has_rows(&mut driver, &host));
    }
    assert_eq!(host.alarms.borrow().len(), 1);
}

#[test]
fn sets_an_alarm_again_that_is_ten_seconds_late() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    drop(write_due(&mut driver, &host, "ask/1"));
    host.pass(13_999);
    assert!(has_rows(&mut driver, &host));
    assert_eq!(host.alarms.borrow().len(), 1, "it may still come");
    host.pass(1);
    assert!(has_rows(&mut driver, &host));
    assert_eq!(host.alarms.borrow().len(), 2);
}

#[test]
fn takes_up_at_a_message_what_another_instance_left() {
    let host = TestHost::new();
    drop(write_due(&mut new_driver(), &host, "ask/1"));
    let mut next = Driver::new(&Echo);
    next.recall_alarm(host.last_alarm());
    let handled = handle(&mut next, &host, r#"{"message":"count"}"#);
    assert_eq!(handled.run.expect("a run").effects.len(), 1);
    assert_eq!(host.alarms.borrow().len(), 1, "the guard that was left");
}

#[test]
fn takes_over_the_alarm_of_the_instance_before_it() {
    let host = TestHost::new();
    write_later(&mut new_driver(), &host, "ask/1", 5_000);
    let mut next = Driver::new(&Echo);
    next.recall_alarm(host.last_alarm());
    assert!(has_rows(&mut next, &host));
    assert_eq!(host.alarms.borrow().len(), 1);
    let mut unaware = Driver::new(&Echo);
    assert!(has_rows(&mut unaware, &host));
    assert_eq!(
        host.alarms.borrow().len(),
        2,
        "it may be lost, so it is set"
    );
}

#[test]
fn an_alarm_sets_the_guard_before_anything_else() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "ask/1", 1);
    write_later(&mut driver, &host, "once/1", 1);
    host.pass(1);
    let begun = begin(&mut driver, &host);
    assert_eq!(begun.effects.len(), 1);
    let alarms = host.alarms.borrow();
    assert_eq!(alarms[1..], [Some(host.now.get().plus(GUARD))]);
    assert_eq!(*host.commits.borrow().last().unwrap(), ["once/1"]);
}

#[test]
fn an_alarm_with_nothing_due_is_set_for_what_comes_next() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "ask/1", 5_000);
    assert!(driver.begin(&host).unwrap().is_none());
    assert_eq!(host.alarm_in(), 5_000);
}

#[test]
fn a_run_ends_with_the_alarm_for_what_is_due_next_or_without_one() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "later", 7_000);
    let mut begun = write_due(&mut driver, &host, "ask/1");
    run(&mut begun, &answered(200, ""));
    let finished = driver.finish(&host, begun).unwrap();
    assert!(finished.lines.is_empty() && finished.next.is_none());
    assert_eq!(host.alarm_in(), 7_000);
    host.state.borrow_mut().clear();
    let mut empty = new_driver();
    assert!(empty.begin(&host).unwrap().is_none());
    assert_eq!(host.last_alarm(), None);
    write_later(&mut empty, &host, "ask/2", 9_000);
    assert_eq!(host.alarm_in(), 9_000, "it knows that there is none");
}

#[test]
fn what_is_due_again_at_once_waits_for_an_alarm_after_sixteen_runs() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let mut next = Some(write_due(&mut driver, &host, "ask/1"));
    let mut runs = 0;
    while let Some(mut begun) = next {
        runs += 1;
        assert!(runs <= 16, "the alarm takes its turn");
        run(&mut begun, &failed());
        let finished = driver.finish(&host, begun).unwrap();
        let line = serde_json::to_value(&finished.lines[0]).unwrap();
        assert_eq!(line["reason"], "no answer");
        next = finished.next;
    }
    assert_eq!((runs, host.alarm_in()), (16, 100));
    assert_eq!(host.alarms.borrow().len(), 2, "one guard serves them all");
}

#[test]
fn a_guard_that_would_come_too_early_is_set_again() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let mut begun = write_due(&mut driver, &host, "ask/1");
    host.pass(501);
    run(&mut begun, &failed());
    assert!(driver.finish(&host, begun).unwrap().next.is_some());
    assert_eq!(host.alarm_in(), GUARD.as_millis());
}

#[test]
fn what_it_cannot_do_is_looked_at_again_after_a_minute() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    assert!(write(&mut driver, &host, "stuck", 0).is_none());
    assert_eq!(host.alarm_in(), 60_000);
    assert!(driver.begin(&host).unwrap().is_none());
    assert_eq!(host.alarm_in(), 60_000);
    // Rows that change are progress.
    let begun = write_due(&mut driver, &host, "once/1");
    driver.finish(&host, begun).unwrap();
    assert_eq!(host.alarm_in(), 60_000);
    // Rows of the ledger are none: what is due stays due.
    let ledger = TestHost::new();
    assert!(write(&mut new_driver(), &ledger, "log", 0).is_none());
    assert_eq!(ledger.alarm_in(), 60_000);
    // What is not due yet is not stuck.
    host.state.borrow_mut().clear();
    let mut other = new_driver();
    write_later(&mut other, &host, "stuck", 5_000);
    assert!(other.begin(&host).unwrap().is_none());
    assert_eq!(host.alarm_in(), 5_000);
}

#[test]
fn an_alarm_that_finds_a_run_sets_the_guard_again_and_leaves_it_alone() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let mut begun = write_due(&mut driver, &host, "ask/1");
    host.pass(1_000);
    assert!(driver.begin(&host).unwrap().is_none());
    assert_eq!(host.alarm_in(), GUARD.as_millis());
    run(&mut begun, &answered(200, ""));
    driver.finish(&host, begun).unwrap();
    assert!(!has_rows(&mut driver, &host));
    write_due(&mut driver, &host, "ask/2");
}

#[test]
fn a_run_that_was_abandoned_gives_way_after_a_minute_and_is_left_out() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let mut abandoned = write_due(&mut driver, &host, "ask/1");
    host.pass(59_999);
    assert!(driver.begin(&host).unwrap().is_none());
    host.pass(1);
    let mut begun = begin(&mut driver, &host);
    run(&mut abandoned, &answered(200, ""));
    let finished = driver.finish(&host, abandoned).unwrap();
    assert!(finished.next.is_none());
    assert!(has_rows(&mut driver, &host), "its outcomes are not taken");
    run(&mut begun, &answered(200, ""));
    driver.finish(&host, begun).unwrap();
    assert!(!has_rows(&mut driver, &host));
}

#[test]
fn reads_its_state_once_and_again_after_a_commit_that_failed() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "ask/1", 5_000);
    write_later(&mut driver, &host, "ask/2", 5_000);
    assert_eq!(host.state_reads.get(), 1);
    host.fails.set(true);
    let message = r#"{"message":{"due":{"key":"ask/3","millis":0}}}"#;
    let error = driver.handle(&host, message).unwrap_err();
    assert_eq!(error.to_string(), "the storage failed: full");
    host.fails.set(false);
    assert!(has_rows(&mut driver, &host));
    assert_eq!(host.state_reads.get(), 2);
    assert_eq!(host.state.borrow().len(), 2);
}

#[test]
fn writes_no_unchanged_row() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "ask/1", 5_000);
    write_later(&mut driver, &host, "ask/1", 5_000);
    assert_eq!(host.commits.borrow().len(), 1);
    write_later(&mut driver, &host, "ask/1", 5_001);
    assert_eq!(host.commits.borrow().len(), 2, "another due time");
}

#[test]
fn a_row_that_cannot_be_read_leaves_an_alarm_and_lets_messages_in() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    let row = StateRow {
        text: "{".to_owned(),
        due: None,
    };
    host.state.borrow_mut().insert("corrupt".to_owned(), row);
    assert!(write(&mut driver, &host, "ask/1", 0).is_none());
    assert_eq!(host.alarm_in(), 60_000);
    host.pass(1);
    let mut next = new_driver();
    assert!(matches!(next.begin(&host), Err(StepError::Corrupt(_))));
    assert_eq!(host.alarm_in(), 60_000);
    host.state.borrow_mut().remove("corrupt");
    assert!(new_driver().begin(&host).unwrap().is_some());
}

#[test]
fn a_run_that_cannot_be_committed_leaves_the_guard() {
    let (mut driver, host) = (new_driver(), TestHost::new());
    write_later(&mut driver, &host, "once/1", 1);
    host.pass(1);
    host.fails.set(true);
    assert!(matches!(driver.begin(&host), Err(StepError::Storage(_))));
    assert_eq!(host.alarm_in(), GUARD.as_millis());
    host.fails.set(false);
    assert!(
        driver.begin(&host).unwrap().is_some(),
        "no run is under way"
    );
}

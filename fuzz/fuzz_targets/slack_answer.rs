//! Any answer of Slack.
#![no_main]

use kombo_edge_fuzz::slack_answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: slack_answer::Input<'_>| slack_answer::check(&input));

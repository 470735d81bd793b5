//! Any alert as a message for Slack.
#![no_main]

use kombo_edge_fuzz::rendering;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: rendering::Input<'_>| rendering::check(&input));

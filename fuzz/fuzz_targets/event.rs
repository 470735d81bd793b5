//! Kombo's events with fields changed, through the edge, to the object that decides.
#![no_main]

use kombo_edge_fuzz::event;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: event::Input<'_>| event::check(&input));

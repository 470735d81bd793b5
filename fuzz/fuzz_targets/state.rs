//! Stored rows of any content, and what is done with them.
#![no_main]

use kombo_edge_fuzz::state;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: state::Input<'_>| state::check(&input));

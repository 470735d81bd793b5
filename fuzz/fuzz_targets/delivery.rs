//! Any signed bytes through the edge, to the object that decides.
#![no_main]

use kombo_edge_fuzz::delivery;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| delivery::check(input));

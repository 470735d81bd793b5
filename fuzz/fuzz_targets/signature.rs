//! Any signature over any body, against a second HMAC.
#![no_main]

use kombo_edge_fuzz::signature;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: signature::Input<'_>| signature::check(&input));

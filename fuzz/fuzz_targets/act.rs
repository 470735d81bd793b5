//! Any link and any form, about an incident of any kind.
#![no_main]

use kombo_edge_fuzz::act;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: act::Input<'_>| act::check(&input));

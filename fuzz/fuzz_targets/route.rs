//! Any method, path, query and body of a request.
#![no_main]

use kombo_edge_fuzz::route;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: route::Input<'_>| route::check(&input));

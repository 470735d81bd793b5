//! The log: one JSON object a line, on the console of its severity.

use super::{clock, platform};
use crate::config::Config;
use crate::log::{Line, Severity, kind};
use crate::machine::json;

/// Prints a line.
pub(super) fn print(line: &Line) {
    match line.severity() {
        Severity::Info => platform::log(&json(line)),
        Severity::Error => platform::log_error(&json(line)),
    }
}

/// Prints every fault of the configuration, with its remedy.
pub(super) fn print_faults(config: &Config) {
    for fault in &config.faults {
        let reason = format!("{} {}", fault.name, fault.problem);
        print(&Line::new(clock::now(), kind::CONFIGURATION_INVALID).because(reason));
    }
}

/// Makes a panic a line of the log: its place in the code, and nothing that it was
/// about. `then` follows.
pub(super) fn log_panics(then: impl Fn() + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| {
        let place = panic.location().map_or_else(
            || "at an unknown place".to_owned(),
            |place| format!("at {}:{}: report it", place.file(), place.line()),
        );
        print(&Line::new(clock::now(), kind::PANIC_CAUGHT).because(place));
        then();
    }));
}

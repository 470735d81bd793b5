//! The log: one JSON object per line, printed to the console at its severity.

use std::sync::Once;

use worker::{console_error, console_log};

use super::clock;
use crate::contracts::operator::log::{Line, Severity, kind};
use crate::contracts::operator::settings::Config;
use crate::domain::json::to_json;

/// Prints a line.
pub(super) fn print(line: &Line) {
    match line.severity() {
        Severity::Info => console_log!("{}", to_json(line)),
        Severity::Error => console_error!("{}", to_json(line)),
    }
}

/// Prints every fault of the configuration, with its remedy.
pub(super) fn print_faults(config: &Config) {
    for fault in &config.faults {
        let reason = format!("{} {}", fault.name, fault.problem);
        print(&Line::new(clock::now(), kind::CONFIGURATION_INVALID).because(reason));
    }
}

/// Logs each panic with its location in the code. Only development builds show its message, which
/// may contain confidential data.
///
/// Whatever runs first in an instance calls this. `#[event(start)]` is too early: the start function
/// of `worker` comes after it, and adds a hook that prints the message.
pub(super) fn log_panics() {
    static IS_SET: Once = Once::new();
    IS_SET.call_once(|| {
        let shows_message = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if cfg!(feature = "development") {
                shows_message(panic);
            }
            let place = panic.location().map_or_else(
                || "at an unknown place".to_owned(),
                |place| format!("at {}:{}: report it", place.file(), place.line()),
            );
            print(&Line::new(clock::now(), kind::PANIC_CAUGHT).because(place));
        }));
    });
}

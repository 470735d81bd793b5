//! Time in the world: alarms ring when they are due.

use core::time::Duration;

use crate::world::{Crash, World};

/// A span of this many seconds.
pub(crate) fn after(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

impl World {
    /// Runs the clock and every alarm until nothing is due within `span`.
    pub(crate) fn settle_within(&mut self, span: Duration) {
        for _ in 0..10_000 {
            let Some((at, name)) = self.due().into_iter().next() else {
                return;
            };
            if at > self.now.plus(span) {
                return;
            }
            self.now = self.now.max(at).plus(Duration::from_millis(1));
            self.alarm(&name, Crash::No);
        }
        panic!("the world does not come to rest: {:?}", self.due());
    }

    /// Runs until nothing is due within half an hour.
    pub(crate) fn settle(&mut self) {
        self.settle_within(Duration::from_secs(30 * 60));
    }

    /// Lets time pass, and runs every alarm that is due.
    pub(crate) fn pass(&mut self, span: Duration) {
        let end = self.now.plus(span);
        while let Some((at, name)) = self.due().into_iter().next().filter(|(at, _)| *at <= end) {
            self.now = self.now.max(at).plus(Duration::from_millis(1));
            self.alarm(&name, Crash::No);
        }
        self.now = self.now.max(end);
    }
}

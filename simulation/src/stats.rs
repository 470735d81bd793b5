//! What happened in a run, counted.

use std::collections::BTreeMap;

use crate::script::Fault;

/// The counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events of the simulation, of any kind.
    pub events: u64,
    /// Deliveries that came.
    pub deliveries: u64,
    /// Alarms that rang.
    pub alarms: u64,
    /// Messages that were posted to Slack.
    pub posts: u64,
    /// Objects that died.
    pub crashes: u64,
    /// How often each fault struck.
    pub faults: BTreeMap<Fault, u64>,
}

impl Stats {
    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.deliveries += other.deliveries;
        self.alarms += other.alarms;
        self.posts += other.posts;
        self.crashes += other.crashes;
        for (fault, times) in &other.faults {
            *self.faults.entry(*fault).or_default() += times;
        }
    }
}

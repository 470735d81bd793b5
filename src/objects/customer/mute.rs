//! Mutes: a customer, or one of its tools, about which no alerts are sent for a while.
//!
//! Incidents continue meanwhile, and are listed as always. What is sent when a mute ends is in
//! `alerts`.

use crate::contracts::objects::customer::Mute;
use crate::domain::id::Tool;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::subject::Subject;

/// A customer has at most this many mutes: one for each tool, and one for all.
const MAX_MUTES: usize = 50;

/// The mutes of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Mutes(Vec<Mute>);

impl Mutes {
    /// Mutes a tool, or all of them, until a moment, or ends the mute. `None` if there are too many.
    pub(super) fn set(&mut self, tool: Option<&Tool>, until: Option<Timestamp>) -> Option<()> {
        self.0.retain(|mute| mute.tool.as_ref() != tool);
        let Some(until) = until else {
            return Some(());
        };
        if self.0.len() >= MAX_MUTES {
            return None;
        }
        let tool = tool.cloned();
        self.0.push(Mute { tool, until });
        Some(())
    }

    /// Adds those of a backup for tools that are not muted.
    pub(super) fn merge(&mut self, theirs: Self) {
        let known = |mute: &Mute| self.0.iter().any(|it| it.tool == mute.tool);
        let new: Vec<Mute> = theirs.0.into_iter().filter(|mute| !known(mute)).collect();
        self.0.extend(new);
        self.0.truncate(MAX_MUTES);
    }

    /// Removes those that are over.
    pub(super) fn expire(&mut self, now: Timestamp) {
        self.0.retain(|mute| mute.until > now);
    }

    /// When the next one is over.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.0.iter().map(|mute| mute.until).min()
    }

    /// Until when an incident is muted, if it is.
    pub(super) fn over(&self, subject: &Subject) -> Option<Timestamp> {
        let (tool, _) = subject.labels();
        let over = self.0.iter();
        over.filter(|mute| mute.tool.is_none() || mute.tool.as_ref() == tool)
            .map(|mute| mute.until)
            .max()
    }

    /// All of them.
    pub(super) fn list(&self) -> Vec<Mute> {
        self.0.clone()
    }
}

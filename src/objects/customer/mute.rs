//! Mutes: a customer, or one of its tools, of which nobody wants to hear for a while.
//!
//! Incidents go on meanwhile, and show where they always do. What is told when a
//! mute ends is `news`'s.

use crate::contracts::objects::customer::Mute;
use crate::domain::id::Tool;
use crate::domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::subject::Subject;

/// A customer has so many mutes at most: one for each tool, and one for all.
const MOST: usize = 50;

/// The mutes of one customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Mutes(Vec<Mute>);

impl Mutes {
    /// Silences a tool (or all of them) until a moment, or no longer. Tells
    /// whether there was room for it.
    pub(super) fn set(&mut self, tool: Option<&Tool>, until: Option<Timestamp>) -> Option<()> {
        self.0.retain(|mute| mute.tool.as_ref() != tool);
        let Some(until) = until else {
            return Some(());
        };
        if self.0.len() >= MOST {
            return None;
        }
        let tool = tool.cloned();
        self.0.push(Mute { tool, until });
        Some(())
    }

    /// Takes over those of tools that none is known of.
    pub(super) fn join(&mut self, theirs: Self) {
        let known = |mute: &Mute| self.0.iter().any(|it| it.tool == mute.tool);
        let new: Vec<Mute> = theirs.0.into_iter().filter(|mute| !known(mute)).collect();
        self.0.extend(new);
        self.0.truncate(MOST);
    }

    /// Forgets those that are over.
    pub(super) fn expire(&mut self, now: Timestamp) {
        self.0.retain(|mute| mute.until > now);
    }

    /// When the next one is over.
    pub(super) fn due(&self) -> Option<Timestamp> {
        self.0.iter().map(|mute| mute.until).min()
    }

    /// Until when an incident is silenced, if it is.
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

//! Incidents: what is wrong for a customer, from the first sign until it is over.
//!
//! A *connection* incident counts failed attempts to connect a tool and closes
//! with success, or after seven days without an attempt. An *integration*
//! incident is open while its set of causes is not empty, and never closes by
//! time. What is told of one is `story`'s and `news`'s, how it shows in Workers
//! KV is `incident_key`'s.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::holding;
use super::story::Story;
use super::subject::Subject;
use crate::domain::alert::{Cause, Ending};
use crate::domain::audience::Audience;
use crate::domain::id::EventId;
use crate::domain::json::Unknown;
use crate::domain::time::Timestamp;
use crate::machine::{Change, CorruptRow, Rows, Scene};
use crate::parts::projection::Projection;
use crate::parts::read_back::Check;

/// What the key of such a row begins with.
const PREFIX: &str = "incident/";

/// What it begins with for one about an integration; see [`Subject::name`].
pub(super) const INTEGRATIONS: &str = "incident/integration:";

/// A connection incident without a new attempt for so long is over.
const GIVEN_UP: Duration = Duration::from_hours(7 * 24);

/// The count of attempts in Workers KV may be this old: a write each would cost
/// more than anybody gains.
pub(super) const COUNT_AGE: Duration = Duration::from_mins(15);

/// One incident, as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) subject: Subject,
    #[serde(default)]
    pub(super) open: bool,
    #[serde(default)]
    pub(super) attempts: u64,
    #[serde(default)]
    pub(super) causes: Vec<Cause>,
    pub(super) first_at: Timestamp,
    pub(super) last_at: Timestamp,
    #[serde(default)]
    pub(super) revision: u64,
    #[serde(default)]
    pub(super) key: Projection,
    #[serde(default)]
    pub(super) check: Check,
    /// When the count in KV is brought up to date.
    pub(super) recount_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) story: Story,
    #[serde(default)]
    pub(super) sign: Sign,
    /// Until when a human silenced it.
    pub(super) muted_until: Option<Timestamp>,
    #[serde(flatten)]
    unknown: Unknown,
}

/// The latest sign of an incident, for whoever wants to help.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Sign {
    /// The event.
    pub(super) event: Option<EventId>,
    /// Whom to write to.
    pub(super) contact: Option<String>,
    /// Kombo's page about the attempt.
    pub(super) log_url: Option<String>,
}

impl Sign {
    /// Forgets whom to write to, and where more stands about them.
    pub(super) fn forget_contact(&mut self) {
        self.contact = None;
        self.log_url = None;
    }
}

impl Incident {
    /// A closed incident about which nothing is known yet.
    pub(super) fn about(subject: Subject) -> Self {
        Self {
            subject,
            open: false,
            attempts: 0,
            causes: Vec::new(),
            first_at: Timestamp::default(),
            last_at: Timestamp::default(),
            revision: 0,
            key: Projection::default(),
            check: Check::default(),
            recount_at: None,
            story: Story::default(),
            sign: Sign::default(),
            muted_until: None,
            unknown: Unknown::default(),
        }
    }

    pub(super) fn load(rows: &Rows) -> Result<Vec<Self>, CorruptRow> {
        let rows = rows.all(PREFIX)?;
        Ok(rows.into_iter().map(|(_, incident)| incident).collect())
    }

    /// Another attempt failed: opens it, or counts.
    pub(super) fn count(&mut self, scene: Scene<'_>, sign: Sign) {
        let now = scene.now;
        self.sign = sign;
        if self.open {
            self.last_at = now;
            self.attempts = self.attempts.saturating_add(1);
            self.revision = self.revision.saturating_add(1);
            self.recount_at.get_or_insert(now.plus(COUNT_AGE));
            self.story.go_on(now);
            self.story.count(self.attempts, now);
        } else {
            self.open(scene);
            self.change(now);
        }
    }

    /// Takes over the present causes, of which there are some: opens it, or
    /// changes what it is about.
    pub(super) fn blame(&mut self, scene: Scene<'_>, causes: Vec<Cause>, sign: Sign) {
        let (now, told_to) = (scene.now, self.audience());
        // That the customer must log in anew is no news to those who know it.
        let known = |cause: &Cause| {
            let login = cause.is_authentication() && told_to == Audience::Team;
            login || self.causes.contains(cause)
        };
        let more = !causes.iter().all(known);
        self.causes = causes;
        self.sign = sign;
        if !self.open {
            self.open(scene);
        } else if self.audience() == Audience::Team && told_to == Audience::Engineers {
            // Others read that only the customer can mend it than read of Kombo's issues.
            self.story.press(scene);
        } else if more {
            self.story.go_on(now);
        }
        self.last_at = now;
        self.change(now);
    }

    /// Who should hear of it: the team of what a customer must mend, the engineers of the rest.
    pub(super) fn audience(&self) -> Audience {
        let team = self.subject.is_connection() || self.causes.iter().any(Cause::is_authentication);
        if team {
            Audience::Team
        } else {
            Audience::Engineers
        }
    }

    /// Attempts that failed; 0 where it is not about attempts.
    pub(super) fn counted(&self) -> u64 {
        if self.subject.is_connection() {
            self.attempts
        } else {
            0
        }
    }

    /// Closes it.
    pub(super) fn close(&mut self, now: Timestamp) {
        self.open = false;
        self.causes.clear();
        self.change(now);
        self.key.forget_unwritten();
    }

    /// Forgets what is known of it, and closes it without a word.
    pub(super) fn erase(&mut self, now: Timestamp) {
        self.sign = Sign::default();
        self.story.fade();
        if self.open {
            self.close(now);
        }
    }

    /// Whether nobody tried any more to end it.
    pub(super) fn is_given_up(&self, now: Timestamp) -> bool {
        self.given_up_at().is_some_and(|at| at <= now)
    }

    /// What it shows has changed.
    pub(super) fn change(&mut self, now: Timestamp) {
        self.revision = self.revision.saturating_add(1);
        self.recount_at = None;
        self.key.want(self.revision, now);
    }

    /// The row as it is now. A closed one stays, so that its revision never steps back.
    pub(super) fn row(&self) -> Change {
        let key = format!("{PREFIX}{}", self.subject.name());
        Change::state(key, self, self.due())
    }

    /// Whether it is over, and nothing is to be done nor forgotten about it.
    pub(super) fn is_at_rest(&self) -> bool {
        let is_blank = self.sign.contact.is_none() && self.sign.log_url.is_none();
        !self.open && is_blank && self.due().is_none()
    }

    /// What its key ends with, if it is about an integration.
    pub(super) fn integration_key(&self) -> Option<String> {
        match &self.subject {
            Subject::Integration { id, .. } => Some(holding::key(id)),
            Subject::Connection { .. } | Subject::Environment => None,
        }
    }

    fn due(&self) -> Option<Timestamp> {
        let due = [
            self.key.due(),
            self.check.due(&self.key),
            self.recount_at,
            self.given_up_at(),
            self.story.due(),
        ];
        due.into_iter().flatten().min()
    }

    fn open(&mut self, scene: Scene<'_>) {
        self.open = true;
        self.attempts = 1;
        self.first_at = scene.now;
        self.last_at = scene.now;
        self.story.begin(scene, self.audience());
    }

    fn given_up_at(&self) -> Option<Timestamp> {
        (self.open && self.subject.is_connection()).then(|| self.last_at.plus(GIVEN_UP))
    }
}

/// What is wrong with one subject at present.
pub(super) struct Blame {
    pub(super) subject: Subject,
    pub(super) causes: Vec<Cause>,
    pub(super) sign: Sign,
    /// If nothing is wrong, how that came to be.
    pub(super) ending: Ending,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_could_be_written_to_keeps_an_incident_awake() {
        let mut incident = Incident::about(Subject::Environment);
        assert!(incident.is_at_rest());
        incident.sign.contact = Some("hr@acme.example".to_owned());
        assert!(!incident.is_at_rest(), "until the contact is forgotten");
        incident.sign.forget_contact();
        incident.sign.log_url = Some("https://app.kombo.dev/logs".to_owned());
        assert!(!incident.is_at_rest(), "until the log is forgotten");
    }
}

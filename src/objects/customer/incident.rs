//! Incidents: what is wrong for a customer, from its first occurrence until it is over.
//!
//! A *connection* incident counts failed attempts to connect a tool and closes with success, or
//! after seven days without an attempt. An *integration* incident is open while its set of causes
//! is not empty, and never closes by time. When alerts about one are due is in `schedule`, and what
//! they say in `alerts`.
//!
//! The row of a closed incident stays, so that its revision never steps back. One about an
//! integration moves into the ledger, the archive, once nothing is left to do about it.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::acts::Acts;
use super::flows::Flows;
use super::holding;
use super::occurrence::Occurrence;
use super::schedule::AlertSchedule;
use super::subject::Subject;
use crate::contracts::backend::{self, Document, IncidentDocument, SCHEMA, moment};
use crate::contracts::objects::customer::{REORDERING, Snapshot};
use crate::domain::act::{Act, ActRecord};
use crate::domain::alert::{Cause, Resolution};
use crate::domain::audience::Audience;
use crate::domain::id::{IntegrationId, OriginId};
use crate::domain::json::{Unknown, to_json};
use crate::domain::time::Timestamp;
use crate::machine::{Change, Compare, Context, Outcome, Rows, StepError, Write, parse};
use crate::parts::projection::Projection;
use crate::parts::read_back::Check;

/// What the key of such a row begins with, in both tables.
const PREFIX: &str = "incident/";

/// What it begins with for one about an integration; see [`Subject::name`].
const INTEGRATIONS: &str = "incident/integration:";

/// A connection incident without a new attempt for this long is over.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(7 * 24);

/// After this long someone is asked whether an incident is still open: Kombo's report of its end may
/// be lost.
const QUESTIONABLE_AFTER: Duration = Duration::from_hours(14 * 24);

/// The count of attempts in Workers KV may be this old: a write for each attempt would cost more
/// than it is worth.
const MAX_COUNT_AGE: Duration = Duration::from_mins(15);

/// The customer that an incident's document names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    /// The name of the object.
    pub(super) name: &'a str,
    pub(super) origin_id: Option<&'a OriginId>,
    pub(super) organization_name: Option<&'a str>,
}

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
    pub(super) schedule: AlertSchedule,
    #[serde(default)]
    pub(super) occurrence: Occurrence,
    /// The causes that were there when a human closed it: they do not open it again.
    #[serde(default)]
    dismissed: Vec<Cause>,
    /// Whether someone was asked if it is still open.
    #[serde(default)]
    asked: bool,
    /// What people did about it since it opened.
    #[serde(default)]
    pub(super) acts: Acts,
    /// How it ended last.
    pub(super) ending: Option<Resolution>,
    /// Until when a human muted it.
    pub(super) muted_until: Option<Timestamp>,
    /// The latest flows that were counted.
    #[serde(default)]
    pub(super) flows: Flows,
    /// The success after which it was reported that another attempt failed.
    failed_after: Option<Timestamp>,
    /// When the same person last succeeded with a customer id, if these attempts had none.
    succeeded_at: Option<Timestamp>,
    /// The row as it was read, if it was read from the archive.
    #[serde(skip)]
    archived: Option<String>,
    #[serde(flatten)]
    unknown: Unknown,
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
            schedule: AlertSchedule::default(),
            occurrence: Occurrence::default(),
            dismissed: Vec::new(),
            asked: false,
            acts: Acts::default(),
            ending: None,
            muted_until: None,
            flows: Flows::default(),
            failed_after: None,
            succeeded_at: None,
            archived: None,
            unknown: Unknown::default(),
        }
    }

    /// The incidents about which there is something to do, and all that are about no integration.
    pub(super) fn load(rows: Rows<'_>) -> Result<Vec<Self>, StepError> {
        let rows = rows.state_with_prefix(PREFIX)?;
        Ok(rows.into_iter().map(|(_, incident)| incident).collect())
    }

    /// The incident about an integration, if it is in the archive.
    pub(super) fn load_archived(
        rows: Rows<'_>,
        integration: &IntegrationId,
    ) -> Result<Option<Self>, StepError> {
        let key = format!("{INTEGRATIONS}{}", holding::key(integration));
        let text = rows.ledger_text(&key)?;
        text.map(Self::from_archive).transpose()
    }

    /// Every incident in the archive.
    pub(super) fn load_all_archived(rows: Rows<'_>) -> Result<Vec<Self>, StepError> {
        let rows = rows.ledger_first(PREFIX, u32::MAX)?.into_iter();
        rows.map(|(_, text)| Self::from_archive(text)).collect()
    }

    /// An incident of a backup: Workers KV has no key of it yet.
    pub(super) fn restored(self, now: Timestamp) -> Self {
        let mut key = Projection::default();
        if self.open {
            key.want(self.revision, now);
        }
        Self { key, ..self }
    }

    /// Corrects what a clock that was ahead made too long.
    pub(super) fn correct_waits(&mut self, now: Timestamp) {
        self.key.correct_waits(now);
        self.check.correct_wait(now);
        self.schedule.correct_waits(now);
        if let Some(at) = &mut self.recount_at {
            at.end_within(MAX_COUNT_AGE, now);
        }
        self.last_at.end_within(Duration::ZERO, now);
    }

    /// Readers may have seen its document with this revision.
    pub(super) fn catch_up(&mut self, revision: u64, now: Timestamp) {
        if revision > self.revision {
            self.revision = revision;
            if self.open {
                self.key.want(revision, now);
            }
        }
    }

    fn from_archive(text: String) -> Result<Self, StepError> {
        let incident: Self = parse(PREFIX, &text)?;
        Ok(Self {
            archived: Some(text),
            ..incident
        })
    }

    /// Whether nothing was said yet about attempts that failed after this success. From now on it
    /// was.
    pub(super) fn is_first_failure_after(&mut self, success: Timestamp) -> bool {
        self.failed_after.replace(success) != Some(success)
    }

    /// Notes that the same person connected a tool with a customer id.
    pub(super) fn note_success(&mut self, success: &Snapshot) {
        if success.serves(&self.subject.connection()) {
            self.succeeded_at = self.succeeded_at.max(Some(success.succeeded_at()));
        }
    }

    /// Whether a failure without customer id that is reported now may be older than the success of
    /// the same person.
    pub(super) fn may_precede_success(&self, failure: &Occurrence, now: Timestamp) -> bool {
        let is_recent = self
            .succeeded_at
            .is_some_and(|at| now.since(at) < REORDERING);
        !self.open && is_recent && self.occurrence.is_of_same_contact(failure)
    }

    /// Another attempt failed: opens it, or counts.
    pub(super) fn count(&mut self, context: Context<'_>, occurrence: Occurrence) {
        let now = context.now;
        self.occurrence = occurrence;
        if self.open {
            self.last_at = now;
            self.attempts = self.attempts.saturating_add(1);
            self.revision = self.revision.saturating_add(1);
            self.recount_at.get_or_insert(now.plus(MAX_COUNT_AGE));
            self.schedule.schedule_repeat(now);
            self.schedule.count(self.attempts, now);
        } else {
            self.open(context);
            self.change(now);
        }
    }

    /// Takes over the present causes, at least one: opens it, or changes what it is about.
    pub(super) fn update_causes(
        &mut self,
        context: Context<'_>,
        causes: Vec<Cause>,
        occurrence: Occurrence,
    ) {
        let (now, audience_before) = (context.now, self.audience());
        // That the customer must log in again is nothing new to those who know it.
        let is_known = |cause: &Cause| {
            let is_login = cause.is_authentication() && audience_before == Audience::Team;
            is_login || self.causes.contains(cause)
        };
        let has_new = !causes.iter().all(is_known);
        self.causes = causes;
        self.occurrence = occurrence;
        if !self.open {
            self.open(context);
        } else if self.audience() == Audience::Team && audience_before == Audience::Engineers {
            // The team hears of problems that only the customer can fix; engineers hear of Kombo's
            // issues.
            self.schedule.escalate(context);
        } else if has_new {
            self.schedule.schedule_repeat(now);
        }
        if self.acts.assignee.is_some() {
            self.schedule.forgo_mention();
        }
        self.last_at = now;
        self.change(now);
    }

    /// Someone did something about it. If they are on it now, nobody has to be mentioned any more.
    pub(super) fn record(&mut self, record: ActRecord) {
        if record.act == Act::Take {
            self.schedule.forgo_mention();
        }
        self.change(record.at);
        self.acts.record(record);
    }

    /// Whether it names no person.
    pub(super) fn is_anonymous(&self) -> bool {
        self.occurrence.is_anonymous() && self.acts.are_anonymous()
    }

    /// Forgets the contact, and who did something about it.
    pub(super) fn forget_people(&mut self) {
        self.occurrence.forget_contact();
        self.acts = Acts::default();
    }

    /// The audience: the team for what the customer must fix, the engineers for the rest.
    pub(super) fn audience(&self) -> Audience {
        let team = self.subject.is_connection() || self.causes.iter().any(Cause::is_authentication);
        if team {
            Audience::Team
        } else {
            Audience::Engineers
        }
    }

    /// Failed attempts; 0 if it is not about attempts.
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
        self.key.cancel_unwritten();
    }

    /// Forgets what is known of it, and closes it without an alert.
    pub(super) fn erase(&mut self, now: Timestamp) {
        self.occurrence = Occurrence::default();
        self.acts = Acts::default();
        self.dismissed.clear();
        self.flows = Flows::default();
        self.schedule.reset();
        if self.open {
            self.close(now);
        }
    }

    /// A human closes it, whatever Kombo says of its causes.
    pub(super) fn dismiss(&mut self) {
        self.dismissed.extend(self.causes.iter().cloned());
    }

    /// The causes that no human dismissed. Those that are gone may come again.
    pub(super) fn undismissed(&mut self, mut causes: Vec<Cause>) -> Vec<Cause> {
        self.dismissed
            .retain(|dismissed| causes.iter().any(|it| it.is_same(dismissed)));
        causes.retain(|cause| !self.dismissed.iter().any(|it| it.is_same(cause)));
        causes
    }

    /// Whether it is time to ask whether it is still open. From now on it was asked.
    pub(super) fn is_questionable(&mut self, now: Timestamp) -> bool {
        let is_due = self.asked_at().is_some_and(|at| at <= now);
        self.asked |= is_due;
        is_due
    }

    /// Whether the customer stopped trying.
    pub(super) fn is_given_up(&self, now: Timestamp) -> bool {
        self.given_up_at().is_some_and(|at| at <= now)
    }

    /// What it shows has changed.
    pub(super) fn change(&mut self, now: Timestamp) {
        self.revision = self.revision.saturating_add(1);
        self.recount_at = None;
        self.key.want(self.revision, now);
    }

    /// The row as it is now, in the table where it belongs.
    pub(super) fn rows(&self) -> Vec<Change> {
        let key = format!("{PREFIX}{}", self.subject.name());
        if !self.belongs_in_archive() {
            let left = self.archived.as_ref();
            let left = left.map(|_| Change::remove_ledger(key.clone()));
            let row = Change::state(key, self, self.due());
            return left.into_iter().chain([row]).collect();
        }
        let text = to_json(self);
        match &self.archived {
            Some(archived) if *archived == text => Vec::new(),
            Some(_) => vec![Change::ledger(key, text)],
            None => vec![Change::remove_state(key.clone()), Change::ledger(key, text)],
        }
    }

    /// Whether it is about an integration and over, with nothing left to do or to forget.
    fn belongs_in_archive(&self) -> bool {
        let is_of_integration = matches!(self.subject, Subject::Integration { .. });
        let is_over = !self.open && self.dismissed.is_empty();
        is_of_integration && is_over && self.is_anonymous() && self.due().is_none()
    }

    /// The write of its key that is due, with the revision that it brings. It leaves now.
    pub(super) fn poll_write(
        &mut self,
        context: Context<'_>,
        owner: Owner<'_>,
    ) -> Option<(Write, u64)> {
        let is_recount = self.recount_at.is_some_and(|at| at <= context.now);
        if !is_recount && !self.key.is_due(context.now) {
            return None;
        }
        self.key.start(context.now);
        Some((self.write(context, owner), self.revision))
    }

    /// The comparison of its key that is due.
    pub(super) fn poll_check(&mut self, context: Context<'_>, owner: Owner<'_>) -> Option<Compare> {
        let seed = format!("{}{}", owner.name, self.subject.name());
        self.check.schedule(self.open, context.now, &seed);
        // A count that is not written yet differs, which is not a fault of KV.
        if self.recount_at.is_some() || !self.check.begin(&self.key, context.now, &seed) {
            return None;
        }
        self.write(context, owner).comparison()
    }

    fn write(&self, context: Context<'_>, owner: Owner<'_>) -> Write {
        let document = self.open.then(|| self.document(context, owner));
        Write {
            key: backend::incident_key(owner.name, &self.subject.name()),
            document,
        }
    }

    fn document(&self, context: Context<'_>, owner: Owner<'_>) -> Document {
        let (tool, category) = self.subject.labels();
        IncidentDocument {
            schema: SCHEMA,
            environment: &context.settings.environment,
            kind: self.subject.kind(),
            origin_id: owner.origin_id,
            organization_name: owner.organization_name,
            tool,
            category,
            attempts: self.attempts,
            causes: self.causes.iter().map(Cause::label).collect(),
            first_at: self.first_at.to_rfc3339(),
            last_at: self.last_at.to_rfc3339(),
            muted_until: moment(self.muted_until),
            assignee: self.acts.assignee_entry(),
            acts: self.acts.entries(),
            revision: self.revision,
        }
        .document()
    }

    /// Handles the outcome of writing a revision.
    pub(super) fn complete_write(&mut self, revision: u64, outcome: &Outcome<()>, now: Timestamp) {
        // A revision that only counted an attempt is written without having been wanted.
        self.key.want(self.key.wanted().max(revision), now);
        self.key
            .complete(revision, outcome, now, &self.subject.name());
        if outcome.is_ok() && self.revision == revision {
            self.recount_at = None;
        } else {
            // The count waits for the key, not the other way round.
            self.recount_at = self.recount_at.map(|at| at.max(now.plus(MAX_COUNT_AGE)));
        }
    }

    fn due(&self) -> Option<Timestamp> {
        let due = [
            self.key.due(),
            self.check.due(&self.key),
            self.recount_at,
            self.given_up_at(),
            self.asked_at(),
            self.schedule.due(),
        ];
        due.into_iter().flatten().min()
    }

    fn open(&mut self, context: Context<'_>) {
        let audience = self.audience();
        if self.subject.is_connection() {
            // A customer that cannot connect is reported at once, whatever happened before.
            self.schedule.open(context, audience);
        } else {
            self.schedule.reopen(context, audience, self.first_at);
        }
        if self.schedule.returns().is_none() {
            self.acts = Acts::default();
        }
        self.open = true;
        self.asked = false;
        self.attempts = 1;
        self.first_at = context.now;
        self.last_at = context.now;
    }

    /// When to ask whether it is still open, once a mute is over. Attempts end by time.
    fn asked_at(&self) -> Option<Timestamp> {
        let may_ask = self.open && !self.asked && !self.subject.is_connection();
        let at = self.first_at.plus(QUESTIONABLE_AFTER);
        may_ask.then_some(self.muted_until.map_or(at, |until| until.max(at)))
    }

    fn given_up_at(&self) -> Option<Timestamp> {
        (self.open && self.subject.is_connection()).then(|| self.last_at.plus(GIVEN_UP_AFTER))
    }
}

#[cfg(test)]
mod tests;

//! The head row of an integration: the facts, and how far others know of them.
//!
//! What an event or a decision does is a sequence of steps: merge it into the facts, revise (new
//! revision, holder and keys behind), alert. How facts merge is in `facts`, what the documents say
//! in `documents`, what alerts say in `alerts`.

use core::time::Duration;

use serde::{Deserialize, Serialize};

use super::documents::{self, Version};
use super::facts::{ClaimOutcome, Facts};
use super::holder_sync::{HolderSync, Revision};
use super::recheck::{Finding, Inquiry, Recheck};
use super::success_report::SuccessReport;
use super::{Completed, alerts};
use crate::contracts::kombo::Event;
use crate::contracts::objects::integration::Decision;
use crate::contracts::operator::log::Line;
use crate::domain::alert::{Alert, Cause};
use crate::domain::id::{EventId, IntegrationId};
use crate::domain::json::{Json, Unknown};
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Rows, StepError};
use crate::parts::dedup::SeenIds;
use crate::parts::issues::Issues;
use crate::parts::lag::LagReport;
use crate::parts::outbox;
use crate::parts::projection::Projection;
use crate::parts::read_back::{self, Check};

/// Key of the one row that is not an issue or an alert.
const HEAD: &str = "head";

/// How long a contact is kept after Kombo named it last, unless something is wrong with the
/// integration. Events name it again.
pub(crate) const CONTACT_RETENTION: Duration = Duration::from_hours(30 * 24);

/// The head row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    #[serde(default)]
    schema: u32,
    pub(super) facts: Facts,
    /// Grows with each change of the facts or issues; the version of holder updates.
    #[serde(default)]
    pub(super) revision: u64,
    /// The event that made the revision.
    pub(super) last_event: Option<EventId>,
    /// Grows with each change of what the documents show.
    #[serde(default)]
    pub(super) document_revision: u64,
    pub(super) updated_at: Timestamp,
    #[serde(default)]
    pub(super) holder_sync: HolderSync,
    #[serde(default)]
    success_report: SuccessReport,
    #[serde(default)]
    document: Projection,
    #[serde(default)]
    unassigned: Projection,
    #[serde(default)]
    document_check: Check,
    #[serde(default)]
    unassigned_check: Check,
    #[serde(default)]
    recheck: Recheck,
    #[serde(default)]
    lag_report: LagReport,
    /// When the contact is forgotten, if there is one.
    contact_until: Option<Timestamp>,
    #[serde(default)]
    pub(super) seen: SeenIds,
    #[serde(flatten)]
    unknown: Unknown,
}

impl Head {
    fn new(id: IntegrationId) -> Self {
        Self {
            schema: 1,
            facts: Facts::new(id),
            revision: 0,
            last_event: None,
            document_revision: 0,
            updated_at: Timestamp::default(),
            holder_sync: HolderSync::default(),
            success_report: SuccessReport::default(),
            document: Projection::default(),
            unassigned: Projection::default(),
            document_check: Check::default(),
            unassigned_check: Check::default(),
            recheck: Recheck::default(),
            lag_report: LagReport::default(),
            contact_until: None,
            seen: SeenIds::default(),
            unknown: Unknown::default(),
        }
    }

    /// The row, with waits that a clock that was ahead made too long corrected.
    pub(super) fn load(context: Context<'_>, rows: Rows<'_>) -> Result<Option<Self>, StepError> {
        let mut head: Option<Self> = rows.state(HEAD)?;
        if let Some(head) = &mut head {
            head.correct_waits(context.now);
        }
        Ok(head)
    }

    pub(super) fn load_or_new(
        context: Context<'_>,
        rows: Rows<'_>,
        id: IntegrationId,
    ) -> Result<Self, StepError> {
        Ok(Self::load(context, rows)?.unwrap_or_else(|| Self::new(id)))
    }

    fn correct_waits(&mut self, now: Timestamp) {
        self.holder_sync.correct_wait(now);
        self.success_report.correct_wait(now);
        self.document.correct_waits(now);
        self.unassigned.correct_waits(now);
        self.document_check.correct_wait(now);
        self.unassigned_check.correct_wait(now);
        self.recheck.correct_waits(now);
        self.lag_report.correct_waits(now);
        if let Some(until) = &mut self.contact_until {
            until.end_within(CONTACT_RETENTION, now);
        }
    }

    /// Applies an event that was not seen before: the rows besides the head that change.
    pub(super) fn apply(
        &mut self,
        context: Context<'_>,
        issues: &mut Issues,
        event: Event,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        if !self.facts.is_deleted() {
            let (before, causes) = (self.facts.clone(), self.causes(issues));
            let claim;
            (changes, claim) = self.facts.merge(event.what, &event.id, issues, context.now);
            let is_changed = self.facts != before || self.causes(issues) != causes;
            if is_changed || claim != ClaimOutcome::Settled {
                let id = Some(&event.id);
                self.revise(context, &before, id);
                let alert = alerts::about_claim(context, &self.facts, &before, claim, id);
                changes.extend(alert.map(|alert| outbox::owe(context, &alert)));
            }
        }
        self.retain_contact(context.now);
        changes
    }

    /// Carries out a decision: the rows besides the head that change.
    pub(super) fn decide(&mut self, context: Context<'_>, decision: Decision) -> Vec<Change> {
        let before = self.facts.clone();
        let has_alert = matches!(decision, Decision::Assign(_) | Decision::Release);
        match decision {
            Decision::Assign(assignment) | Decision::Import(assignment) => {
                self.facts.assign(assignment, context.now);
            }
            Decision::Release => self.facts.release(),
            Decision::Remove => self.facts.remove(),
            Decision::Erase(_) => self.facts.bury(),
        }
        if self.facts == before {
            return Vec::new();
        }
        self.revise(context, &before, None);
        let alert =
            alerts::reassigned(context, &self.facts, &before, self.revision).filter(|_| has_alert);
        owed(context, alert)
    }

    /// Applies what Kombo answered about the integration: the rows besides the head that change.
    fn apply_finding(&mut self, context: Context<'_>, finding: Finding) -> Vec<Change> {
        let before = self.facts.clone();
        let claim = match finding {
            Finding::Nothing => return Vec::new(),
            Finding::Known(known, asked_at) => self.facts.correct(*known, asked_at),
            Finding::Missing(since) => {
                self.facts.missing_since.get_or_insert(since);
                ClaimOutcome::Settled
            }
        };
        if self.facts == before && claim == ClaimOutcome::Settled {
            return Vec::new();
        }
        self.revise(context, &before, None);
        let alert = alerts::missing(context, &self.facts, &before);
        let alert =
            alert.or_else(|| alerts::about_claim(context, &self.facts, &before, claim, None));
        owed(context, alert)
    }

    /// Merges a backup, unless it names another holder. Returns whether it did. The documents never
    /// get a smaller revision than the backup's, which readers may have seen.
    pub(super) fn merge_backup(&mut self, context: Context<'_>, theirs: Self) -> bool {
        self.catch_up(theirs.document_revision, context.now);
        let before = self.facts.clone();
        if !self.facts.merge_backup(theirs.facts) {
            return false;
        }
        if self.facts != before {
            self.retain_contact(context.now);
            self.revise(context, &before, None);
        }
        true
    }

    /// The documents are as they were, but have a greater revision from now on.
    fn catch_up(&mut self, revision: u64, now: Timestamp) {
        if revision <= self.document_revision {
            return;
        }
        self.document_revision = revision;
        self.updated_at = now;
        if self.facts.is_alive() {
            self.document.want(revision, now);
        }
        if self.facts.is_unassigned() {
            self.unassigned.want(revision, now);
        }
    }

    /// The head of a backup, in an account that knows nothing of the integration yet.
    pub(super) fn from_backup(theirs: Self, now: Timestamp) -> Self {
        let mut head = Self {
            last_event: None,
            holder_sync: HolderSync::default(),
            document: Projection::default(),
            unassigned: Projection::default(),
            seen: SeenIds::default(),
            ..theirs
        };
        head.holder_sync.follow(head.facts.target().as_ref(), now);
        let revision = head.document_revision.max(1);
        if head.facts.is_alive() {
            head.document.want(revision, now);
        }
        if head.facts.is_unassigned() {
            head.unassigned.want(revision, now);
        }
        head
    }

    /// Has every key written again, whatever Workers KV has, and the holder updated again: after a
    /// rollback and its end, facts may count that did not count in between.
    pub(super) fn rebuild(&mut self, now: Timestamp) {
        self.force_revision(now);
        self.document.rewrite(now);
        self.unassigned.rewrite(now);
    }

    /// Has the holder updated, though the facts are as they were.
    pub(super) fn force_revision(&mut self, now: Timestamp) {
        self.revision = self.revision.saturating_add(1);
        self.holder_sync.follow(self.facts.target().as_ref(), now);
        self.success_report.follow(now);
    }

    /// Adds what is due, besides alerts.
    pub(super) fn poll_effects(
        &mut self,
        context: Context<'_>,
        issues: &Issues,
        batch: &mut Batch<Completed>,
    ) {
        let (name, now) = (self.facts.name(), context.now);
        let causes = self.causes(issues);
        self.forget_contact(&causes, now);
        let revision = Revision {
            number: self.revision,
            event: self.last_event.clone(),
        };
        let update = revision.clone();
        if let Some((send, sent)) = self.holder_sync.update(&self.facts, update, causes, now) {
            batch.send(send, |outcome| Completed::HolderUpdate(sent, outcome));
        }
        if batch.has_room()
            && let Some((send, at)) = self.success_report.poll(&self.facts, revision, now)
        {
            batch.send(send, move |outcome| Completed::SuccessReport(at, outcome));
        }
        self.poll_writes(context, batch);
        self.poll_checks(context, &name, batch);
        let is_wanted = context.settings.rechecks && self.facts.is_alive();
        if batch.has_room() {
            match self.recheck.poll(&self.facts.id, is_wanted, now, &name) {
                Some(Inquiry::Kombo(question)) => batch.ask(question, Completed::Recheck),
                Some(Inquiry::Environment(send)) => batch.send(send, Completed::Environment),
                None => {}
            }
        }
        let stale_at = self.stale_at();
        if batch.has_room()
            && let Some((send, is_stale)) = self.lag_report.poll(context, &name, stale_at)
        {
            batch.send(send, move |outcome| Completed::LagReport(is_stale, outcome));
        }
    }

    fn poll_writes(&mut self, context: Context<'_>, batch: &mut Batch<Completed>) {
        if self.document.is_due(context.now) && batch.has_room() {
            self.document.start(context.now);
            let revision = self.document.wanted();
            let write = documents::write_document(context, &self.facts, self.version());
            batch.write(write, move |outcome| Completed::Document(revision, outcome));
        }
        if self.unassigned.is_due(context.now) && batch.has_room() {
            self.unassigned.start(context.now);
            let revision = self.unassigned.wanted();
            let write = documents::write_unassigned(context, &self.facts, self.version());
            batch.write(write, move |outcome| {
                Completed::Unassigned(revision, outcome)
            });
        }
    }

    /// Adds reading back the keys whose turn it is.
    fn poll_checks(&mut self, context: Context<'_>, name: &str, batch: &mut Batch<Completed>) {
        let now = context.now;
        self.document_check
            .schedule(self.facts.is_alive(), now, name);
        self.unassigned_check
            .schedule(self.facts.is_unassigned(), now, name);
        if batch.has_room()
            && self.document_check.begin(&self.document, now, name)
            && let Some(compare) =
                documents::write_document(context, &self.facts, self.version()).comparison()
        {
            batch.compare(compare, Completed::DocumentCheck);
        }
        if batch.has_room()
            && self.unassigned_check.begin(&self.unassigned, now, name)
            && let Some(compare) =
                documents::write_unassigned(context, &self.facts, self.version()).comparison()
        {
            batch.compare(compare, Completed::UnassignedCheck);
        }
    }

    /// Handles the outcome of an effect: the rows besides the head that change, and the line of the
    /// log.
    pub(super) fn complete(
        &mut self,
        context: Context<'_>,
        completed: Completed,
    ) -> (Vec<Change>, Option<Line>) {
        let (name, now) = (self.facts.name(), context.now);
        let mut line = None;
        match completed {
            Completed::HolderUpdate(sent, outcome) => {
                let target = self.facts.target();
                self.holder_sync
                    .complete(&sent, &outcome, target.as_ref(), now);
            }
            Completed::SuccessReport(at, outcome) => {
                self.success_report.complete(at, &outcome, now, &name);
            }
            Completed::Document(revision, outcome) => {
                self.lag_report.note(&outcome);
                self.document.complete(revision, &outcome, now, &name);
            }
            Completed::Unassigned(revision, outcome) => {
                self.lag_report.note(&outcome);
                self.unassigned.complete(revision, &outcome, now, &name);
            }
            Completed::DocumentCheck(outcome) => {
                line = read_back::complete(&mut self.document, &outcome, now);
            }
            Completed::UnassignedCheck(outcome) => {
                line = read_back::complete(&mut self.unassigned, &outcome, now);
            }
            Completed::Recheck(outcome) => {
                let (finding, line) =
                    self.recheck
                        .complete_question(outcome, &self.facts.id, now, &name);
                let is_alive = self.facts.is_alive();
                let finding = if is_alive { finding } else { Finding::Nothing };
                return (self.apply_finding(context, finding), line);
            }
            Completed::Environment(outcome) => {
                line = self.recheck.complete_environment(&outcome, now, &name);
            }
            Completed::LagReport(is_stale, outcome) => {
                self.lag_report.complete(is_stale, &outcome, now, &name);
            }
            Completed::Alert(..) => {}
        }
        (Vec::new(), line)
    }

    /// The row as it is now.
    pub(super) fn row(&self) -> Change {
        let due = [
            self.holder_sync.due(self.revision),
            self.success_report.due(&self.facts),
            self.document.due(),
            self.unassigned.due(),
            self.document_check.due(&self.document),
            self.unassigned_check.due(&self.unassigned),
            self.lag_report.due(self.stale_at()),
            self.contact_until,
            self.recheck.due(),
        ];
        Change::state(HEAD, self, due.into_iter().flatten().min())
    }

    /// The document for the API; `None` if the integration is gone.
    pub(super) fn shown(&self, context: Context<'_>) -> Option<Json> {
        documents::shown(context, &self.facts, self.version())
    }

    fn version(&self) -> Version {
        Version {
            revision: self.document_revision,
            updated_at: self.updated_at,
        }
    }

    /// After a change of the facts: the holder and the documents are behind from now on.
    fn revise(&mut self, context: Context<'_>, before: &Facts, event: Option<&EventId>) {
        self.force_revision(context.now);
        self.last_event = event.cloned();
        if documents::content(&self.facts) == documents::content(before) {
            return;
        }
        self.document_revision = self.document_revision.saturating_add(1);
        self.updated_at = context.now;
        self.document.want(self.document_revision, context.now);
        if self.facts.is_deleted() {
            self.document.cancel_unwritten();
        }
        if self.facts.is_unassigned() || before.is_unassigned() {
            self.unassigned.want(self.document_revision, context.now);
        }
        if !self.facts.is_unassigned() {
            self.unassigned.cancel_unwritten();
        }
    }

    /// Keeps the contact from now on.
    fn retain_contact(&mut self, now: Timestamp) {
        let contact = self.facts.contact.as_ref();
        self.contact_until = contact.map(|_| now.plus(CONTACT_RETENTION));
    }

    /// Forgets the contact when its time is over.
    fn forget_contact(&mut self, causes: &[Cause], now: Timestamp) {
        if self.contact_until.is_none_or(|until| until > now) {
            return;
        }
        if causes.is_empty() || !self.facts.is_alive() {
            self.facts.contact = None;
        }
        self.retain_contact(now);
    }

    /// What is wrong with the integration.
    fn causes(&self, issues: &Issues) -> Vec<Cause> {
        let state = self.facts.is_invalid().then_some(Cause::InvalidState);
        state.into_iter().chain(issues.causes()).collect()
    }

    fn stale_at(&self) -> Option<Timestamp> {
        let keys = [&self.document, &self.unassigned];
        keys.into_iter().filter_map(Projection::stale_at).min()
    }
}

fn owed(context: Context<'_>, alert: Option<Alert>) -> Vec<Change> {
    let rows = alert.map(|alert| outbox::owe(context, &alert));
    rows.into_iter().collect()
}

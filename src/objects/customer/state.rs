//! What is known of a customer, and what changes it.
//!
//! A message is a sequence of steps: what it says is applied to the holdings and incidents; then
//! [`State::conclude`] raises the alerts that are due, shows mutes, plans how long contacts are
//! kept, and gives the rows. What alerts say is in `alerts`, the documents in `documents`.

use super::Completed;
use super::alerts::{self, AlertBuilder};
use super::diagnosis::{Diagnosis, diagnose};
use super::documents;
use super::erasure;
use super::head::Head;
use super::holding::{self, Holding};
use super::incident::{Incident, Owner};
use super::incidents::{Incidents, at};
use super::occurrence::Occurrence;
use super::subject::Subject;
use crate::contracts::backend::Held;
use crate::contracts::kombo::{self, Event, FailedFlow};
use crate::contracts::objects::address::CustomerKey;
use crate::contracts::objects::customer::{HolderUpdate, Snapshot, Success};
use crate::contracts::operator::log::Line;
use crate::domain::alert::{Alert, Resolution};
use crate::domain::id::{EventId, IntegrationId, OriginId};
use crate::domain::json::Json;
use crate::domain::time::Timestamp;
use crate::machine::{Batch, Change, Context, Rows, StepError};
use crate::objects::integration::CONTACT_RETENTION;
use crate::parts::issues::Issues;
use crate::parts::{outbox, read_back};

/// What is known of the customer.
pub(super) struct State {
    pub(super) head: Head,
    /// What the customer holds, and of what it held the part that a step needs.
    holdings: Vec<Holding>,
    incidents: Incidents,
    issues: Issues,
    /// Alerts that this step raises.
    alerts: Vec<Alert>,
}

impl State {
    /// The customer's name, contact and log; `None` if none is known.
    pub(super) fn load(context: Context<'_>, rows: Rows<'_>) -> Result<Option<Self>, StepError> {
        let head = Head::load(rows)?;
        head.map(|head| Self::of(context, head, rows)).transpose()
    }

    /// What is known of this customer, even if it is nothing.
    pub(super) fn load_or_new(
        context: Context<'_>,
        rows: Rows<'_>,
        key: CustomerKey,
    ) -> Result<Self, StepError> {
        let head = Head::load(rows)?.unwrap_or_else(|| Head::new(key));
        Self::of(context, head, rows)
    }

    /// What is known besides the head. Waits that a clock that was ahead made too long are corrected.
    pub(super) fn of(
        context: Context<'_>,
        mut head: Head,
        rows: Rows<'_>,
    ) -> Result<Self, StepError> {
        let mut incidents = Incidents::load(rows)?;
        head.correct_waits(context.now);
        for incident in incidents.iter_mut() {
            incident.correct_waits(context.now);
        }
        Ok(Self {
            head,
            holdings: Holding::load(rows)?,
            incidents,
            issues: Issues::load(rows)?,
            alerts: Vec::new(),
        })
    }

    /// Adds what the archive knows of an integration.
    pub(super) fn load_archived(
        &mut self,
        rows: Rows<'_>,
        integration: &IntegrationId,
    ) -> Result<(), StepError> {
        if !self
            .holdings
            .iter()
            .any(|it| it.integration == *integration)
        {
            let archived = Holding::load_archived(rows, integration)?;
            self.holdings.extend(archived);
        }
        self.incidents.load_archived(rows, integration)
    }

    /// Adds the whole archive, which may be long: for rare decisions of humans.
    pub(super) fn load_all_archived(&mut self, rows: Rows<'_>) -> Result<(), StepError> {
        self.holdings.extend(Holding::load_all_archived(rows)?);
        self.incidents.load_all_archived(rows)
    }

    /// Applies an event that was not seen before: the rows that change besides those of
    /// [`State::conclude`].
    pub(super) fn apply_event(&mut self, context: Context<'_>, event: Event) -> Vec<Change> {
        match event.what {
            kombo::EventKind::ConnectionFlowFailed(flow) => {
                self.count_failure(context, event.id, flow);
                Vec::new()
            }
            kombo::EventKind::IssueStatusChanged {
                integration: None,
                issue,
            } => {
                let changes = self.issues.apply(issue, &event.id, context.now);
                let diagnosis = Diagnosis::of_environment(self.issues.causes(), event.id);
                self.apply_diagnosis(context, diagnosis);
                changes
            }
            // These are about an integration, and are routed elsewhere.
            kombo::EventKind::IntegrationCreated { .. }
            | kombo::EventKind::IntegrationDeleted { .. }
            | kombo::EventKind::IntegrationStateChanged { .. }
            | kombo::EventKind::IssueStatusChanged { .. } => Vec::new(),
        }
    }

    /// Applies that an integration came, changed or went: the rows that change besides those of
    /// [`State::conclude`]. An older update changes nothing.
    pub(super) fn apply_update(
        &mut self,
        context: Context<'_>,
        update: &HolderUpdate,
    ) -> Vec<Change> {
        let now = context.now;
        let shown_before = self.content();
        let holding = self.holding(&update.integration);
        if update.version <= holding.version {
            return Vec::new();
        }
        holding.version = update.version;
        if erasure::precedes(self.head.erased_at, update, now) {
            let customer = self.head.key.origin_id();
            let row = customer.map(|id| erasure::of_integration(id, &update.integration, now));
            return row.into_iter().collect();
        }
        let holding = self.holding(&update.integration);
        let before = core::mem::replace(&mut holding.snapshot, update.holding.clone());
        let changes = holding.rows();
        if let Some(snapshot) = &update.holding {
            self.head.rename(snapshot.organization_name.clone());
            self.head.contacts_until = None;
            self.close_attempts(context, update, snapshot);
        }
        for diagnosis in diagnose(&self.holdings, update) {
            self.apply_diagnosis(context, diagnosis);
        }
        if self.alerts.is_empty() {
            let (builder, _, alerts) = self.alerting(context);
            alerts.extend(builder.announcement(update, before.as_ref()));
        }
        self.revise_document_if_not(&shown_before, now);
        changes
    }

    /// Applies that a customer of this organization connected a tool: the attempts of the same person
    /// are over.
    pub(super) fn apply_success(&mut self, context: Context<'_>, success: &Success) {
        let Some(contact) = &success.holding.contact else {
            return;
        };
        let (builder, incidents, alerts) = self.alerting(context);
        let attempts = incidents.iter_mut();
        for incident in attempts.filter(|it| it.occurrence.is_of(contact)) {
            incident.note_success(&success.holding);
            if let Some(what) = alerts::success(incident, &success.holding) {
                incident.occurrence.event.clone_from(&success.event);
                alerts.extend(builder.close_for(&success.customer, incident, &what));
            }
        }
    }

    /// The incident of this name.
    pub(super) fn incident(&mut self, name: &str) -> Option<&mut Incident> {
        self.incidents.named(name)
    }

    /// Adds what a backup has and this state lacks: the rows that change besides those of
    /// [`State::conclude`].
    pub(super) fn merge_backup(&mut self, theirs: Self, now: Timestamp) -> Vec<Change> {
        let shown_before = self.content();
        self.incidents.merge_backup(theirs.incidents, now);
        let mut issues = theirs.issues;
        issues.remove_known(&self.issues);
        let changes = issues.rows().collect();
        self.issues.extend(issues);
        self.head.merge(theirs.head);
        self.revise_document_if_not(&shown_before, now);
        if !self.held().is_empty() {
            self.head.catch_up(now);
        }
        changes
    }

    /// Erases what is known here, and owes the rest to the others: the rows that change besides
    /// those of [`State::conclude`], and the integrations that the customer held.
    pub(super) fn erase(
        &mut self,
        customer: &OriginId,
        now: Timestamp,
    ) -> (Vec<Change>, Vec<IntegrationId>) {
        let shown_before = self.content();
        let (mut changes, mut held) = (Vec::new(), Vec::new());
        for holding in &mut self.holdings {
            if holding.snapshot.take().is_some() {
                held.push(holding.integration.clone());
                changes.extend(holding.rows());
            }
        }
        for incident in self.incidents.iter_mut() {
            incident.erase(now);
        }
        self.head.erase(now);
        self.revise_document_if_not(&shown_before, now);
        // What the customer once held may have been removed by a human, with all that is known
        // of it.
        let once_held = self.holdings.iter().map(|it| &it.integration);
        changes.extend(erasure::of_everyone(customer, once_held, now));
        (changes, held)
    }

    /// Has every key written again, whatever Workers KV has.
    pub(super) fn rebuild(&mut self, now: Timestamp) {
        self.head.document.rewrite(now);
        for incident in self.incidents.iter_mut() {
            incident.key.rewrite(now);
        }
    }

    /// Does what time alone brings: gives up incidents, and forgets contacts. Gives back the rows
    /// that change besides those of [`State::conclude`].
    pub(super) fn pass_time(&mut self, context: Context<'_>) -> Vec<Change> {
        self.head.mutes.expire(context.now);
        let (builder, incidents, alerts) = self.alerting(context);
        for incident in incidents.iter_mut() {
            alerts.extend(builder.give_up(incident));
            alerts.extend(builder.ask(incident));
        }
        self.forget_contacts(context.now)
    }

    /// Raises what is due, and gives the rows that follow from that and from earlier steps.
    pub(super) fn conclude(&mut self, context: Context<'_>) -> Vec<Change> {
        self.raise_alerts(context);
        self.incidents.show_mutes(&self.head.mutes, context.now);
        self.retain_contacts(context.now);
        let alerts = self.alerts.drain(..);
        let mut changes: Vec<Change> = alerts.map(|alert| outbox::owe(context, &alert)).collect();
        changes.extend(self.incidents.rows());
        changes.push(self.head.row(self.stale_at()));
        changes
    }

    /// The customer's document, for the API.
    pub(super) fn shown(&self, context: Context<'_>) -> Option<Json> {
        documents::shown(context, &self.head, &self.holdings)
    }

    /// Adds what is due, besides alerts.
    pub(super) fn poll_effects(&mut self, context: Context<'_>, batch: &mut Batch<Completed>) {
        let name = self.head.key.name();
        self.poll_document(context, &name, batch);
        let stale_at = self.stale_at();
        if batch.has_room()
            && let Some((send, is_stale)) = self.head.lag_report.poll(context, &name, stale_at)
        {
            batch.send(send, move |outcome| Completed::LagReport(is_stale, outcome));
        }
        let owner = Owner {
            name: &name,
            origin_id: self.head.key.origin_id(),
            organization_name: self.head.organization_name.as_deref(),
        };
        self.incidents.poll_effects(context, owner, batch);
    }

    /// Handles the outcome of an effect other than handing over an alert or an erasure: the line of the
    /// log.
    pub(super) fn complete(&mut self, completed: Completed, now: Timestamp) -> Option<Line> {
        let name = self.head.key.name();
        match completed {
            Completed::Document(revision, outcome) => {
                self.head.lag_report.note(&outcome);
                self.head.document.complete(revision, &outcome, now, &name);
            }
            Completed::Incident(of, revision, outcome) => {
                self.head.lag_report.note(&outcome);
                if let Some(incident) = self.incidents.named(&of) {
                    incident.complete_write(revision, &outcome, now);
                }
            }
            Completed::DocumentCheck(outcome) => {
                return read_back::complete(&mut self.head.document, &outcome, now);
            }
            Completed::IncidentCheck(of, outcome) => {
                let incident = self.incidents.named(&of).filter(|incident| incident.open)?;
                return read_back::complete(&mut incident.key, &outcome, now);
            }
            Completed::LagReport(is_stale, outcome) => {
                let report = &mut self.head.lag_report;
                report.complete(is_stale, &outcome, now, &name);
            }
            Completed::Alert(..) | Completed::Erasure(..) => {}
        }
        None
    }

    fn poll_document(&mut self, context: Context<'_>, name: &str, batch: &mut Batch<Completed>) {
        let now = context.now;
        if batch.has_room()
            && self.head.document.is_due(now)
            && let Some(write) = documents::write_customer(context, &self.head, &self.holdings)
        {
            self.head.document.start(now);
            let revision = self.head.document.wanted();
            batch.write(write, move |outcome| Completed::Document(revision, outcome));
        }
        let exists = !self.held().is_empty();
        self.head.document_check.schedule(exists, now, name);
        let head = &mut self.head;
        if batch.has_room()
            && head.document_check.begin(&head.document, now, name)
            && let Some(write) = documents::write_customer(context, &self.head, &self.holdings)
            && let Some(compare) = write.comparison()
        {
            batch.compare(compare, Completed::DocumentCheck);
        }
    }

    /// A customer could not connect a tool. Several events about one flow are one attempt.
    fn count_failure(&mut self, context: Context<'_>, event: EventId, flow: FailedFlow) {
        self.head.rename(flow.end_user.organization_name);
        let occurrence = Occurrence {
            event: Some(event),
            contact: flow.end_user.contact,
            log_url: flow.log_url,
        };
        let subject = Subject::Connection {
            tool: flow.tool,
            category: flow.category,
        };
        let success = holding::success_of(&self.holdings, &subject.connection());
        let (builder, incidents, alerts) = self.alerting(context);
        let incident = incidents.about(subject);
        let is_new = incident.flows.is_new(occurrence.log_url.as_deref());
        if !is_new || incident.may_precede_success(&occurrence, context.now) {
            return;
        }
        match success {
            Some(success) if !incident.open => {
                if !success.may_follow(&incident.subject.connection(), context.now) {
                    incident.count(context, occurrence);
                    incident.schedule.forgo_mention();
                } else if incident.is_first_failure_after(success.succeeded_at()) {
                    alerts.extend(builder.failed_after(incident, &success, occurrence));
                }
            }
            _ => incident.count(context, occurrence),
        }
    }

    /// A success ends attempts: one alert for each incident that it closes.
    fn close_attempts(&mut self, context: Context<'_>, update: &HolderUpdate, now: &Snapshot) {
        // An integration that was only imported is not a success that Kombo reported.
        if update.event.is_none() && now.created_at.is_none() {
            return;
        }
        let (builder, incidents, alerts) = self.alerting(context);
        for incident in incidents.iter_mut() {
            if let Some(what) = alerts::success(incident, now) {
                incident.occurrence.event.clone_from(&update.event);
                alerts.extend(builder.close(incident, &what));
            }
        }
    }

    /// Opens, changes or closes the incident about a subject.
    fn apply_diagnosis(&mut self, context: Context<'_>, mut diagnosis: Diagnosis) {
        let name = diagnosis.subject.name();
        if diagnosis.causes.is_empty() && self.incidents.named(&name).is_none() {
            return;
        }
        let (builder, incidents, alerts) = self.alerting(context);
        let incident = incidents.about(diagnosis.subject.clone());
        diagnosis.causes = incident.undismissed(diagnosis.causes);
        let is_fine = diagnosis.causes.is_empty();
        match (incident.open, is_fine) {
            (false, true) => {}
            (true, true) => {
                let ending = diagnosis.resolution(&incident.causes);
                incident.occurrence.event = diagnosis.occurrence.event;
                alerts.extend(builder.resolve(incident, ending, None));
            }
            (true, false) if incident.causes == diagnosis.causes => {}
            (_, false) => {
                incident.update_causes(context, diagnosis.causes, diagnosis.occurrence);
            }
        }
        if is_fine && diagnosis.ending == Resolution::Gone {
            // There is nothing to write to the contact about any more.
            incident.occurrence.forget_contact();
        }
    }

    fn raise_alerts(&mut self, context: Context<'_>) {
        self.head.mutes.expire(context.now);
        let (builder, incidents, alerts) = self.alerting(context);
        alerts.extend(builder.after_mute(incidents));
        for incident in incidents.iter_mut() {
            alerts.extend(builder.due(incident));
        }
    }

    /// Plans when contacts are forgotten: thirty days after the last incident closed, or after
    /// Kombo named a contact last.
    fn retain_contacts(&mut self, now: Timestamp) {
        let has_open = self.incidents.has_open();
        let mut snapshots = self.holdings.iter().filter_map(|it| it.snapshot.as_ref());
        let has_contact =
            snapshots.any(|it| it.contact.is_some()) || !self.incidents.are_anonymous();
        let until = self.head.contacts_until;
        let until = until.unwrap_or(now.plus(CONTACT_RETENTION));
        self.head.contacts_until = (has_contact && !has_open).then_some(until);
    }

    /// Forgets contacts when their time is over: the rows of the holdings that change.
    fn forget_contacts(&mut self, now: Timestamp) -> Vec<Change> {
        if self.head.contacts_until.is_none_or(|until| until > now) {
            return Vec::new();
        }
        for incident in self.incidents.iter_mut() {
            incident.forget_people();
        }
        let mut changes = Vec::new();
        for holding in &mut self.holdings {
            let snapshot = holding.snapshot.as_mut();
            if snapshot.is_some_and(|snapshot| snapshot.contact.take().is_some()) {
                changes.extend(holding.rows());
            }
        }
        changes
    }

    /// If the document shows something else than `before`, Workers KV is behind.
    fn revise_document_if_not(&mut self, before: &str, now: Timestamp) {
        if self.head.key.origin_id().is_none() || self.content() == before {
            return;
        }
        self.head.revise_document(now);
        if self.held().is_empty() {
            self.head.document.cancel_unwritten();
        }
    }

    fn content(&self) -> String {
        documents::content(&self.head, &self.holdings)
    }

    fn held(&self) -> Vec<Held<'_>> {
        documents::held(&self.head, &self.holdings)
    }

    /// What raising alerts about incidents takes: the builder, the incidents, and where alerts go.
    pub(super) fn alerting<'a>(
        &'a mut self,
        context: Context<'a>,
    ) -> (AlertBuilder<'a>, &'a mut Incidents, &'a mut Vec<Alert>) {
        let builder = AlertBuilder {
            context,
            head: &self.head,
            holdings: &self.holdings,
        };
        (builder, &mut self.incidents, &mut self.alerts)
    }

    /// When the first key that is behind counts as stale.
    fn stale_at(&self) -> Option<Timestamp> {
        let keys = [self.incidents.stale_at(), self.head.document.stale_at()];
        keys.into_iter().flatten().min()
    }

    /// What is known of the customer's hold on an integration, even if it is nothing.
    fn holding(&mut self, id: &IntegrationId) -> &mut Holding {
        let known = self.holdings.iter().position(|it| it.integration == *id);
        at(&mut self.holdings, known, || Holding::new(id.clone()))
    }
}

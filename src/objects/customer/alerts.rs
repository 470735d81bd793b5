//! The alerts about a customer, and which of them are suppressed.
//!
//! When an alert is due is in `schedule`, and how it reads in Slack in
//! [`slack`](crate::contracts::slack). Nothing is sent about test customers, nor about what a human
//! muted; what happened during a mute is sent in one message when it ends, if it is still open.

use super::head::Head;
use super::holding::Holding;
use super::incident::Incident;
use super::incidents::Incidents;
use super::occurrence::Occurrence;
use super::schedule::DueAlert;
use super::subject::Subject;
use crate::contracts::objects::customer::{HolderUpdate, Snapshot};
use crate::domain::act::Person;
use crate::domain::alert::{
    Alert, AlertKind, Connection, CustomerRef, IncidentRef, OpenProblem, Phase, Resolution,
};
use crate::domain::audience::Audience;
use crate::domain::id::OriginId;
use crate::machine::Context;

/// What alerts need to know of a customer.
#[derive(Clone, Copy)]
pub(super) struct AlertBuilder<'a> {
    pub(super) context: Context<'a>,
    pub(super) head: &'a Head,
    pub(super) holdings: &'a [Holding],
}

impl AlertBuilder<'_> {
    /// Whether no alert about a subject is sent.
    pub(super) fn is_suppressed(&self, subject: &Subject) -> bool {
        let tests = &self.context.settings.alerting.test_customers;
        let origin_id = self.head.key.origin_id();
        let is_test = origin_id.is_some_and(|id| tests.contains(id));
        is_test || self.head.mutes.over(subject).is_some()
    }

    /// The alerts about an incident that are due and not suppressed. One that is over has some if it
    /// came back before.
    pub(super) fn due(&self, incident: &mut Incident) -> Vec<Alert> {
        let due = incident.schedule.due();
        if due.is_none_or(|due| due > self.context.now) {
            return Vec::new();
        }
        match (incident.open, self.is_suppressed(&incident.subject)) {
            (true, true) => incident.schedule.suppress(),
            (false, true) => incident.schedule.reset(),
            (true, false) => {
                let due = incident.schedule.next(self.context, incident.audience());
                return vec![self.alert(incident, due, self.problem(incident))];
            }
            (false, false) => {
                let audience = incident.audience();
                let due = incident.schedule.end_of_pause(self.context, audience);
                return self.alerts(incident, due, &recovery(incident, None));
            }
        }
        Vec::new()
    }

    /// One alert about everything that a mute suppressed, once it is over.
    pub(super) fn after_mute(&self, incidents: &mut Incidents) -> Option<Alert> {
        let mut standing = Vec::new();
        let mut audience = Audience::Engineers;
        let mut who = CustomerRef::default();
        let suppressed = incidents.iter_mut();
        for incident in suppressed.filter(|it| it.open && it.schedule.is_suppressed()) {
            if self.is_suppressed(&incident.subject) {
                continue;
            }
            let due = incident.schedule.next(self.context, incident.audience());
            if due.audience == Audience::Team {
                audience = Audience::Team;
            }
            who = self.who(incident);
            standing.push(OpenProblem {
                who: CustomerRef::default(),
                connection: incident.subject.connection(),
                attempts: incident.counted(),
                since: incident.first_at,
                handle: None,
                incident: Some(self.name_of(incident)),
                assignee: incident.acts.assignee.clone(),
            });
        }
        if standing.is_empty() {
            return None;
        }
        let now = self.context.now;
        let id = format!("{}/still-open/{}", self.head.key.name(), now.as_millis());
        let alert = Alert::new(id, now, audience, AlertKind::StillOpen { standing });
        Some(Alert { who, ..alert })
    }

    /// Closes an incident about attempts, which succeeded: the alerts for those who were notified of it.
    pub(super) fn close(&self, incident: &mut Incident, what: &AlertKind) -> Vec<Alert> {
        let audience = incident.audience();
        incident.close(self.context.now);
        if self.is_suppressed(&incident.subject) {
            incident.schedule.reset();
            return Vec::new();
        }
        let due = incident.schedule.end_for_good(audience);
        self.alerts(incident, due, what)
    }

    /// The same, for the customer of an organization: the alerts name it.
    pub(super) fn close_for(
        &self,
        customer: &OriginId,
        incident: &mut Incident,
        what: &AlertKind,
    ) -> Vec<Alert> {
        let mut alerts = self.close(incident, what);
        for alert in &mut alerts {
            alert.who.origin_id = Some(customer.clone());
        }
        alerts
    }

    /// Closes an incident that ended in this way, by this person if one closed it: the alerts for those
    /// who were notified, unless it keeps coming back.
    pub(super) fn resolve(
        &self,
        incident: &mut Incident,
        ending: Resolution,
        by: Option<&Person>,
    ) -> Vec<Alert> {
        incident.ending = Some(ending);
        let what = recovery(incident, by);
        if !matches!(ending, Resolution::Works | Resolution::Resolved) {
            return self.close(incident, &what);
        }
        let audience = incident.audience();
        incident.close(self.context.now);
        if self.is_suppressed(&incident.subject) {
            incident.schedule.reset();
            return Vec::new();
        }
        let due = incident.schedule.end(self.context, audience);
        self.alerts(incident, due, &what)
    }

    /// That another attempt failed although the tool is connected. It opens no incident: it may be
    /// older than the success.
    pub(super) fn failed_after(
        &self,
        incident: &Incident,
        success: &Snapshot,
        occurrence: Occurrence,
    ) -> Option<Alert> {
        if self.is_suppressed(&incident.subject) {
            return None;
        }
        let succeeded_at = success.succeeded_at().as_millis();
        let id = format!("{}/failed-after/{succeeded_at}", self.name_of(incident));
        let what = AlertKind::FailedAfterSuccess {
            connection: incident.subject.connection(),
            log_url: occurrence.log_url,
        };
        Some(Alert {
            event_id: occurrence.event,
            who: CustomerRef {
                contact: occurrence.contact,
                ..self.customer()
            },
            ..Alert::new(id, self.context.now, Audience::Team, what)
        })
    }

    /// Closes a connection incident that the customer gave up on. The daily summary says so.
    pub(super) fn give_up(&self, incident: &mut Incident) -> Option<Alert> {
        if !incident.is_given_up(self.context.now) {
            return None;
        }
        let id = format!("{}/given-up/{}", self.name_of(incident), incident.revision);
        let what = AlertKind::GivenUp {
            connection: incident.subject.connection(),
            attempts: incident.attempts,
            since: incident.first_at,
        };
        let alert = Alert {
            who: self.who(incident),
            ..Alert::new(id, self.context.now, Audience::Team, what)
        };
        let is_suppressed = self.is_suppressed(&incident.subject);
        incident.close(self.context.now);
        incident.schedule.reset();
        (!is_suppressed).then_some(alert)
    }

    /// Asks whether an incident is still open. The daily summary does so.
    pub(super) fn ask(&self, incident: &mut Incident) -> Option<Alert> {
        if !incident.is_questionable(self.context.now) || self.is_suppressed(&incident.subject) {
            return None;
        }
        let id = format!(
            "{}/still-broken/{}",
            self.name_of(incident),
            incident.revision
        );
        let what = AlertKind::StillBroken {
            connection: incident.subject.connection(),
            handle: incident.subject.handle(),
            since: incident.first_at,
        };
        Some(Alert {
            who: self.who(incident),
            episode: Some(IncidentRef {
                incident: self.name_of(incident),
                phase: Phase::Ongoing,
            }),
            assignee: incident.acts.assignee.clone(),
            ..Alert::new(id, self.context.now, Audience::Team, what)
        })
    }

    /// That an integration came or went without an incident, where the company wants to hear of it.
    pub(super) fn announcement(
        &self,
        update: &HolderUpdate,
        before: Option<&Snapshot>,
    ) -> Option<Alert> {
        let announced = self.context.settings.alerting.announced;
        let (snapshot, what) = match (before, &update.holding) {
            (None, Some(now)) if announced.connected && update.event.is_some() => {
                let what = AlertKind::Connected {
                    connection: now.connection(),
                    instead_of: None,
                    attempts: 0,
                    since: self.context.now,
                    incomplete: now.is_incomplete(),
                };
                (now, what)
            }
            (Some(gone), None) if announced.disconnected && update.deleted => {
                let connection = gone.connection();
                (gone, AlertKind::Disconnected { connection })
            }
            _ => return None,
        };
        let Connection { tool, category } = snapshot.connection();
        let subject = Subject::Integration {
            id: update.integration.clone(),
            tool,
            category,
        };
        if self.head.key.origin_id().is_none() || self.is_suppressed(&subject) {
            return None;
        }
        let name = format!("{}:{}", self.head.key.name(), subject.name());
        let id = format!("{name}/announced/{}", update.version);
        Some(Alert {
            event_id: update.event.clone(),
            who: CustomerRef {
                contact: snapshot.contact.clone(),
                ..self.customer()
            },
            ..Alert::new(id, self.context.now, Audience::Team, what)
        })
    }

    /// What an open incident is about.
    fn problem(&self, incident: &Incident) -> AlertKind {
        let connection = incident.subject.connection();
        if incident.subject.is_connection() {
            return AlertKind::CouldNotConnect {
                connection,
                attempts: incident.attempts,
                since: incident.first_at,
                last_at: incident.last_at,
                log_url: incident.occurrence.log_url.clone(),
                connected: self.connected(),
            };
        }
        AlertKind::StoppedWorking {
            connection,
            handle: incident.subject.handle(),
            causes: incident.causes.clone(),
            since: incident.first_at,
            returns: incident.schedule.returns(),
        }
    }

    /// The tools that are connected and work.
    fn connected(&self) -> Vec<Connection> {
        let snapshots = self.holdings.iter().filter_map(|it| it.snapshot.as_ref());
        let usable = snapshots.filter(|it| it.usable());
        usable.map(Snapshot::connection).collect()
    }

    fn alerts(&self, incident: &Incident, due: Vec<DueAlert>, what: &AlertKind) -> Vec<Alert> {
        let due = due.into_iter();
        due.map(|due| self.alert(incident, due, what.clone()))
            .collect()
    }

    fn alert(&self, incident: &Incident, due: DueAlert, what: AlertKind) -> Alert {
        let name = self.name_of(incident);
        let id = format!("{name}/{}", due.number);
        Alert {
            event_id: incident.occurrence.event.clone(),
            who: self.who(incident),
            episode: Some(IncidentRef {
                incident: name,
                phase: due.phase,
            }),
            mentions: due.mentions,
            assignee: incident.acts.assignee.clone().filter(|_| incident.open),
            ..Alert::new(id, self.context.now, due.audience, what)
        }
    }

    /// Names an incident among those of all customers.
    fn name_of(&self, incident: &Incident) -> String {
        format!("{}:{}", self.head.key.name(), incident.subject.name())
    }

    fn who(&self, incident: &Incident) -> CustomerRef {
        CustomerRef {
            contact: incident.occurrence.contact.clone(),
            ..self.customer()
        }
    }

    fn customer(&self) -> CustomerRef {
        CustomerRef {
            origin_id: self.head.key.origin_id().cloned(),
            organization_name: self.head.organization_name.clone(),
            contact: None,
        }
    }
}

/// That a success ended the attempts of an incident; `None` if it did not.
pub(super) fn success(incident: &Incident, now: &Snapshot) -> Option<AlertKind> {
    let attempted = incident.subject.connection();
    let is_open = incident.open && incident.subject.is_connection();
    if !is_open || !now.ends(&attempted, incident.last_at) {
        return None;
    }
    let connection = now.connection();
    Some(AlertKind::Connected {
        instead_of: (attempted != connection).then_some(attempted),
        connection,
        attempts: incident.attempts,
        since: incident.first_at,
        incomplete: now.is_incomplete(),
    })
}

/// That the problem of an integration or the environment is over.
fn recovery(incident: &Incident, by: Option<&Person>) -> AlertKind {
    AlertKind::Recovered {
        connection: incident.subject.connection(),
        handle: incident.subject.handle(),
        since: incident.first_at,
        ending: incident.ending.unwrap_or(Resolution::Resolved),
        returns: incident.schedule.returns(),
        by: by.cloned(),
    }
}

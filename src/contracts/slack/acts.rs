//! The links with which the reader of a message acts on an open incident, and who is on it already.
//!
//! Without a secret to sign links, or before the Worker knows its own address, there are none.

use super::draft::{Item, Link, MAX_VALUE, Part, Span, Words};
use super::text::{line, span};
use super::view::View;
use crate::contracts::browser::link::ActLink;
use crate::contracts::objects::address::IncidentKey;
use crate::domain::act::{Act, Assignee};
use crate::domain::alert::Phase;
use crate::domain::time::Timestamp;

/// The parts of a message about an incident: who is on it, and the acts. `has_link` is whether a new
/// link can help the customer.
pub(super) fn parts(words: Words<'_>, has_link: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let assignee = words.alert.assignee.as_ref();
    if let Some(assignee) = assignee {
        parts.push(Part::Plain(format!("{}.", on_it(assignee, words.view.now))));
    }
    if let Some(incident) = open_incident(words) {
        let acts = Act::ALL.into_iter();
        let acts = acts.filter(|act| *act != Act::SendLink || has_link);
        let item = links(words.view, incident, acts, assignee);
        parts.extend((!item.is_empty()).then(|| Part::List(vec![item])));
    }
    parts
}

/// What a line about an incident ends with: who is on it, and these acts.
pub(super) fn spans(
    view: View<'_>,
    incident: Option<&str>,
    acts: impl IntoIterator<Item = Act>,
    assignee: Option<&Assignee>,
) -> Item {
    let on_it = assignee.map(|assignee| Span::Text(on_it(assignee, view.now)));
    let links = incident.map(|incident| links(view, incident, acts, assignee));
    on_it
        .into_iter()
        .chain(links.into_iter().flatten())
        .collect()
}

/// The incident of an alert, if the alert says that it is open.
pub(super) fn open_incident(words: Words<'_>) -> Option<&str> {
    let episode = words.alert.episode.as_ref();
    let open = episode.filter(|it| it.phase != Phase::Resolved)?;
    Some(&open.incident)
}

/// `Anna has been on it for 42 min`.
fn on_it(assignee: &Assignee, now: Timestamp) -> String {
    let name = line(assignee.name.as_str(), MAX_VALUE);
    format!(
        "{name} has been on it for {}",
        span(now.since(assignee.since))
    )
}

fn links(
    view: View<'_>,
    incident: &str,
    acts: impl IntoIterator<Item = Act>,
    assignee: Option<&Assignee>,
) -> Item {
    let secrets = view.settings.link_secrets.as_ref();
    let key = IncidentKey::try_from(format!("incident:{incident}")).ok();
    let (Some(secrets), Some(address), Some(key)) = (secrets, view.address(), key) else {
        return Vec::new();
    };
    let links = acts.into_iter().map(|act| {
        let token = ActLink::new(act, key.clone(), view.now).token(secrets);
        Span::Link(Link {
            url: format!("{}/act?link={token}", address.as_str()),
            label: label(act, assignee.is_some()),
        })
    });
    links.collect()
}

fn label(act: Act, is_taken: bool) -> &'static str {
    match act {
        Act::Take if is_taken => "Take over",
        Act::Take => "I’m on it",
        Act::Mute => "Mute",
        Act::SendLink => "Send a new link",
        Act::Close => "Close",
    }
}

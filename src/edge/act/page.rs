//! The page of an act, as HTML. Text is escaped by its type; foreign text is also cleaned of what hides
//! or reverses it. No page has an integration id.

use maud::{DOCTYPE, Markup, html};

use super::entry::EntryError;
use super::notes;
use crate::contracts::browser::link::LinkError;
use crate::contracts::kombo::{ConnectUrl, LinkRefusal};
use crate::contracts::objects::incident::{About, IncidentView};
use crate::contracts::operator::settings::{Config, PRODUCTION};
use crate::contracts::slack::{self, Occasion, Subject};
use crate::domain::act::{Act, Assignee, MAX_PERSON_CHARS, Person};
use crate::domain::alert::CustomerRef;
use crate::domain::id::OriginId;
use crate::domain::time::Timestamp;
use crate::edge::api::MAX_MUTE;

/// Longest foreign text on a line.
const MAX_VALUE: usize = 200;

/// What a page depends on besides the incident.
#[derive(Clone, Copy)]
pub(super) struct PageContext<'a> {
    pub(super) config: &'a Config,
    pub(super) act: Act,
    /// The name that the browser remembers.
    pub(super) name: Option<&'a Person>,
    pub(super) now: Timestamp,
}

/// What a page says of the request.
#[derive(Debug)]
pub(super) enum Said {
    /// Here is the form, with what was wrong with the last entry.
    Form(Option<EntryError>),
    /// It is done.
    Done,
    /// Someone else is on it meanwhile.
    TakenMeanwhile,
    /// The customer has too many mutes.
    TooManyMutes,
    /// Here is the new link.
    Link(ConnectUrl),
    /// Kombo made no link.
    Refused(LinkRefusal),
    /// There is no such incident.
    Unknown,
    /// The object did not reply.
    NoReply,
}

/// The page of an act.
pub(super) fn page(
    context: PageContext<'_>,
    incident: Option<&IncidentView>,
    said: &Said,
) -> Markup {
    let Some(incident) = incident else {
        return without_incident(context, said);
    };
    let PageContext { config, act, .. } = context;
    match said {
        Said::Done => document(config, notes::done(act), &done(context, incident)),
        Said::Link(url) => document(config, notes::done(act), &link(context, incident, url)),
        Said::Form(_) | Said::TakenMeanwhile if !incident.is_open => {
            let ended = html! {
                (facts(context, incident))
                p { (notes::ending(incident)) " There is nothing to do about it here." }
            };
            document(config, "This incident is closed", &ended)
        }
        said => document(config, notes::title(act), &open(context, incident, said)),
    }
}

/// The page of a link that opens nothing.
pub(super) fn dead_end(config: &Config, error: LinkError) -> Markup {
    let (title, text) = match error {
        LinkError::Invalid => (
            "This link does not work",
            "It is incomplete, or the secret that signs links was changed. Use the link in a newer message.",
        ),
        LinkError::Expired => (
            "This link has expired",
            "Links work for seven days. Use the link in a newer message, or in the daily summary.",
        ),
    };
    document(config, title, &html! { p { (text) } })
}

/// The page for a form that another site sent.
pub(super) fn foreign(config: &Config, act: Act) -> Markup {
    let text = "The form was not sent from this page, so nothing was done. Open the link in the message again, and use the button there.";
    document(
        config,
        notes::title(act),
        &html! { p.failure role="alert" { (text) } },
    )
}

fn without_incident(context: PageContext<'_>, said: &Said) -> Markup {
    let (title, text) = match said {
        Said::Unknown => (
            "This incident no longer exists",
            "It ended long ago, or what was known of the customer was erased. There is nothing to do about it here.",
        ),
        _ => (
            "No answer",
            "The incident could not be read or changed in time. Open the link again: the page shows what is so.",
        ),
    };
    document(context.config, title, &html! { p { (text) } })
}

fn document(config: &Config, title: &str, content: &Markup) -> Markup {
    let environment = &config.settings.environment;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex, nofollow";
                meta name="color-scheme" content="light dark";
                title { (title) " · kombo-edge" }
                link rel="stylesheet" href="/act/style.css";
                script src="/act/copy.js" defer {}
            }
            body {
                main {
                    @if environment != PRODUCTION {
                        p.hint { "Environment: " (foreign_text(environment)) }
                    }
                    h1 { (title) }
                    (content)
                }
            }
        }
    }
}

/// The form of an open incident, or why there is none.
fn open(context: PageContext<'_>, incident: &IncidentView, said: &Said) -> Markup {
    let has_key = context.config.kombo.is_some();
    let is_possible = context.act != Act::SendLink || (has_key && incident.takes_link());
    html! {
        (facts(context, incident))
        @match said {
            Said::TakenMeanwhile => p.failure role="alert" {
                "Someone was faster. Talk to them, or take over."
            },
            Said::TooManyMutes => p.failure role="alert" {
                "This customer has as many mutes as there may be. End one first, with npm run mute."
            },
            Said::Refused(refusal) => p.failure role="alert" { (notes::refusal(*refusal)) },
            _ => {},
        }
        @if is_possible {
            p { (notes::before(context.act, incident)) }
            (form(context, incident, said))
        } @else {
            p { (notes::no_link(incident, has_key)) }
        }
    }
}

fn form(context: PageContext<'_>, incident: &IncidentView, said: &Said) -> Markup {
    let error = match said {
        Said::Form(error) => *error,
        _ => None,
    };
    let name = context.name.map(|name| foreign_text(name.as_str()));
    let seen = incident.assignee.as_ref().map(|it| it.since.as_millis());
    html! {
        form method="post" {
            @if context.act == Act::Mute { (spans(context, error)) }
            @if asks_for_address(context.act, incident) {
                label for="email" { "E-mail address of the person who will connect" }
                input #email name="email" type="email" required autocomplete="off"
                    aria-invalid=[invalid(error, EntryError::Email)]
                    aria-describedby=[described(error, EntryError::Email)];
                (message(error, EntryError::Email))
            }
            label for="name" { "Your name" }
            input #name name="name" required maxlength=(MAX_PERSON_CHARS) autocomplete="name"
                value=[name] aria-invalid=[invalid(error, EntryError::Name)]
                aria-describedby=[described(error, EntryError::Name)];
            (message(error, EntryError::Name))
            @if context.act == Act::Take {
                input type="hidden" name="seen" value=[seen];
            }
            button.primary { (notes::button(context.act, incident)) }
        }
        p.hint { "Your colleagues see your name, and this browser keeps it for the next time." }
    }
}

/// How long a mute lasts.
fn spans(context: PageContext<'_>, error: Option<EntryError>) -> Markup {
    let zone = context.config.settings.alerting.zone();
    let day = core::time::Duration::from_hours(24);
    let (first, last) = (context.now.plus(day), context.now.plus(MAX_MUTE));
    html! {
        fieldset aria-describedby=[described(error, EntryError::Until)] {
            legend { "For how long" }
            label.choice { input type="radio" name="span" value="day" checked; "A day" }
            label.choice { input type="radio" name="span" value="week"; "A week" }
            label.choice {
                input #until type="radio" name="span" value="date";
                "Until the beginning of a day"
            }
            label.unseen for="date" { "The day" }
            input #date type="date" name="date" min=(zone.day(first)) max=(zone.day(last));
        }
        (message(error, EntryError::Until))
    }
}

fn invalid(error: Option<EntryError>, of: EntryError) -> Option<&'static str> {
    (error == Some(of)).then_some("true")
}

fn described(error: Option<EntryError>, by: EntryError) -> Option<&'static str> {
    (error == Some(by)).then_some("error")
}

fn message(error: Option<EntryError>, of: EntryError) -> Markup {
    html! {
        @if error == Some(of) {
            p #error.failure role="alert" { (notes::error(of)) }
        }
    }
}

/// Kombo takes the address of who connects anew. Whoever reconnects is known to it.
fn asks_for_address(act: Act, incident: &IncidentView) -> bool {
    let connects = matches!(incident.about, About::Attempts(_));
    act == Act::SendLink && connects && incident.contact.is_none()
}

fn done(context: PageContext<'_>, incident: &IncidentView) -> Markup {
    html! {
        (facts(context, incident))
        p role="status" { (notes::after(context.act, incident)) }
    }
}

/// The new link, to copy or to write to the contact.
fn link(context: PageContext<'_>, incident: &IncidentView, url: &ConnectUrl) -> Markup {
    let occasion = match incident.about {
        About::Integration { .. } => Occasion::ReconnectionLink,
        About::Attempts(_) | About::Environment => Occasion::NewLink,
    };
    let who = customer(incident);
    let about = Subject {
        who: &who,
        connection: &incident.connection,
        settings: &context.config.settings,
    };
    let mail = slack::letter(about, occasion, url);
    html! {
        (facts(context, incident))
        p role="status" { (notes::after(context.act, incident)) }
        label for="link" { "Link for the customer" }
        input #link readonly value=(url.expose());
        p.line {
            button #copy.primary type="button" hidden { "Copy" }
            @if let Some(mail) = mail {
                a.button href=(mail) { "Write to the contact" }
            }
            span #copied.hint role="status" {}
        }
    }
}

/// Which incident it is, and how it stands.
fn facts(context: PageContext<'_>, incident: &IncidentView) -> Markup {
    let who = customer(incident);
    let origin_id = who.origin_id.as_ref().map(OriginId::as_str);
    let zone = context.config.settings.alerting.zone();
    html! {
        div.facts {
            p { strong { (what(incident, &who)) } }
            p {
                (course(context, incident))
                @if let Some(id) = origin_id { " · Customer id: " (foreign_text(id)) }
            }
            @if let Some(contact) = &who.contact { p { "Contact: " (foreign_text(contact)) } }
            @if let Some(assignee) = incident.assignee.as_ref().filter(|_| incident.is_open) {
                p { (on_it(context, assignee)) }
            }
            @if let Some(until) = incident.muted_until.filter(|_| incident.is_open) {
                p { "Muted until " (zone.to_minutes(until)) }
            }
        }
    }
}

fn what(incident: &IncidentView, who: &CustomerRef) -> String {
    let (name, tool) = (
        slack::name(who),
        slack::tool_and_category(&incident.connection),
    );
    match &incident.about {
        About::Attempts(_) => format!("{name} could not connect {tool}"),
        About::Integration { .. } => format!("{name}: {tool} stopped working"),
        About::Environment => "Kombo reports an issue with the whole environment".to_owned(),
    }
}

fn course(context: PageContext<'_>, incident: &IncidentView) -> String {
    let ago = slack::span(context.now.since(incident.since));
    match incident.about {
        About::Attempts(1) => format!("1 failed attempt, {ago} ago"),
        About::Attempts(count) => {
            let attempts = slack::counted(count, "failed attempt");
            format!("{attempts}, the first {ago} ago")
        }
        About::Integration { .. } | About::Environment => format!("It began {ago} ago"),
    }
}

fn on_it(context: PageContext<'_>, assignee: &Assignee) -> String {
    let zone = context.config.settings.alerting.zone();
    let name = foreign_text(assignee.name.as_str());
    let (lasts, since) = (
        slack::span(context.now.since(assignee.since)),
        zone.to_minutes(assignee.since),
    );
    format!("{name} has been on it for {lasts}, since {since}")
}

fn customer(incident: &IncidentView) -> CustomerRef {
    CustomerRef {
        origin_id: incident.origin_id.clone(),
        organization_name: incident.organization_name.clone(),
        contact: incident.contact.clone(),
    }
}

fn foreign_text(text: &str) -> String {
    slack::line(text, MAX_VALUE)
}

//! What the pages say: titles, what an act does, and what will still be reported after it.

use super::entry::EntryError;
use crate::contracts::kombo::LinkRefusal;
use crate::contracts::objects::incident::{About, IncidentView};
use crate::domain::act::Act;
use crate::domain::alert::Resolution;

/// The title of the page, and the label of its button.
pub(super) fn title(act: Act) -> &'static str {
    match act {
        Act::Take => "I’m on it",
        Act::Mute => "Mute",
        Act::SendLink => "Send a new link",
        Act::Close => "Close",
    }
}

/// The label of the button that acts.
pub(super) fn button(act: Act, incident: &IncidentView) -> &'static str {
    match act {
        Act::Take if incident.assignee.is_some() => "Take over",
        Act::SendLink => "Make the link",
        act => title(act),
    }
}

/// What an act will do, and what will still be reported.
pub(super) fn before(act: Act, incident: &IncidentView) -> &'static str {
    match act {
        Act::Take => {
            "Messages about this incident go on, and say that you are on it. Nobody is mentioned any more."
        }
        Act::Mute => match (&incident.connection.tool, &incident.about) {
            (Some(_), _) => {
                "Until then, no messages about this tool of this customer are sent, not even that it works. The incident goes on, stays listed, and is in the daily summary as muted. If it is still open when the mute ends, one message says so. Other tools of the customer are reported as before."
            }
            (None, About::Environment) => {
                "Until then, no messages about issues of the whole environment are sent, not even that they are resolved. The incident stays listed, and is in the daily summary as muted. If it is still open when the mute ends, one message says so. Customers are reported as before."
            }
            (None, _) => {
                "Until then, no messages about this customer are sent, not even that something works. Incidents go on, stay listed, and are in the daily summary as muted. If any is still open when the mute ends, one message says so."
            }
        },
        Act::SendLink => match &incident.about {
            About::Integration { .. } => {
                "Kombo makes a link with which the customer enters new credentials; the integration stays the same. The link works for a year, and whoever has it can use it. It is shown here once, is not stored, and is not sent to Slack."
            }
            _ => {
                "Kombo makes a link with which the customer can try again. It works for a year, and whoever has it can use it. It is shown here once, is not stored, and is not sent to Slack."
            }
        },
        Act::Close => match &incident.about {
            About::Attempts(_) => {
                "Close it if it is no longer true, for example because the customer no longer wants to connect. Those who heard of it hear that you closed it. Another failed attempt is a new incident, and is reported at once."
            }
            _ => {
                "Close it if it is no longer true and Kombo did not report the end. Those who heard of it hear that you closed it. What caused it does not open it again; a new report from Kombo does."
            }
        },
    }
}

/// What an act did.
pub(super) fn done(act: Act) -> &'static str {
    match act {
        Act::Take => "You are on it",
        Act::Mute => "Muted",
        Act::SendLink => "The new link",
        Act::Close => "Closed",
    }
}

/// What is reported from now on.
pub(super) fn after(act: Act, incident: &IncidentView) -> &'static str {
    match (act, &incident.about) {
        (Act::Take, _) => "Messages about this incident say so from now on. Nobody is mentioned.",
        (Act::Mute, _) => {
            "No messages about it are sent until then. If it is still open when the mute ends, one message says so."
        }
        (Act::SendLink, _) => {
            "Copy it now: it is not stored, and cannot be shown again. You can make another one."
        }
        (Act::Close, About::Attempts(_)) => {
            "Another failed attempt is a new incident, and is reported at once."
        }
        (Act::Close, _) => {
            "What caused it does not open it again. A new report from Kombo does, and is reported."
        }
    }
}

/// How an incident ended.
pub(super) fn ending(incident: &IncidentView) -> &'static str {
    match (&incident.about, incident.ending) {
        (_, Some(Resolution::Closed)) => "Someone closed it.",
        (About::Attempts(_), _) => {
            "The customer connected, has not tried again for 7 days, or was erased."
        }
        (_, Some(Resolution::Works)) => "It works again.",
        (_, Some(Resolution::Resolved)) => "Kombo no longer reports a problem.",
        (_, Some(Resolution::SwitchedOff)) => "It was switched off.",
        (_, Some(Resolution::Replaced)) => "The customer connected it again.",
        (_, Some(Resolution::Gone)) => "It was removed.",
        (_, None) => "It is over, or the customer was erased.",
    }
}

/// Why no link can be made for an incident.
pub(super) fn no_link(incident: &IncidentView, has_key: bool) -> &'static str {
    match &incident.about {
        _ if !has_key => {
            "This deployment has no KOMBO_API_KEY any more, so it cannot ask Kombo for a link. Make one in Kombo."
        }
        About::Integration { .. } => {
            "New credentials do not solve this: Kombo reports another problem. See the integration in Kombo."
        }
        About::Attempts(_) => "Kombo did not say which tool the customer wanted to connect.",
        About::Environment => "This is about no single customer.",
    }
}

/// What is wrong with an entry.
pub(super) fn error(error: EntryError) -> &'static str {
    match error {
        EntryError::Name => "Enter your name, of at most 60 characters.",
        EntryError::Until => "Choose a day or a week, or enter a date within the next 30 days.",
        EntryError::Email => "Enter the e-mail address of the person who will connect.",
    }
}

/// Why Kombo made no link, and what to do.
pub(super) fn refusal(refusal: LinkRefusal) -> &'static str {
    match refusal {
        LinkRefusal::Key => {
            "Kombo does not accept this deployment’s API key. An engineer has to set KOMBO_API_KEY to a key of the same environment and region. Until then, make the link in Kombo."
        }
        LinkRefusal::Address => {
            "Kombo accepts calls from listed addresses only, and this Worker has none of them. An engineer has to change the list in Kombo. Until then, make the link there."
        }
        LinkRefusal::UnknownIntegration => {
            "Kombo does not know this integration any more: it was deleted. Close the incident, and send the customer a link to connect anew."
        }
        LinkRefusal::Input => {
            "Kombo does not accept the tool, its category or the e-mail address. Check the address, or make the link in Kombo."
        }
        LinkRefusal::Busy => "Kombo has too many requests at the moment. Try again in a minute.",
        LinkRefusal::Unavailable => {
            "Kombo could not be reached, or failed. Try again in a minute, or make the link in Kombo."
        }
    }
}

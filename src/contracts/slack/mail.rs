//! The links that help the customer: an e-mail to the contact, the connection guide, the
//! customer's page.
//!
//! The templates come from the operator, the values in them are foreign. In a URL each
//! value is percent-encoded. In an e-mail each value is one line, and the whole text is
//! percent-encoded.

use super::draft::{MAX_VALUE, Words, tool};
use super::link::{encode_all, link, mailto};
use super::text::line;
use crate::contracts::operator::settings::{Placeholder, Template};
use crate::domain::alert::Connection;
use crate::domain::id::{Category, OriginId, Tool};

/// The e-mail to a contact whose attempt to connect failed.
pub(super) fn about_connecting(words: Words<'_>, connection: &Connection) -> Option<String> {
    let links = &words.settings.links;
    let subject = "Connecting {tool}";
    let body = "Hello,\n\nWe noticed that connecting {tool} did not work. Can we help?\n{guide}\n";
    let subject = filled(words, connection, links.mail_subject.as_ref(), subject);
    let body = filled(words, connection, links.mail_body.as_ref(), body);
    mail(words, &subject, &body)
}

/// The e-mail to a contact who has to reconnect.
pub(super) fn about_reconnecting(words: Words<'_>, connection: &Connection) -> Option<String> {
    let subject = "Please reconnect {tool}";
    let body = "Hello,\n\nWe can no longer access your {tool} because its credentials have changed or expired. Please reconnect it here:\n\n(reconnection link)\n";
    let subject = filled(words, connection, None, subject);
    let body = filled(words, connection, None, body);
    mail(words, &subject, &body)
}

/// The guide to connecting this tool, if one is configured.
pub(super) fn guide(words: Words<'_>, connection: &Connection) -> Option<String> {
    let url = guide_url(words, connection);
    link(&url, "Send the connection guide")
}

/// The customer's page in the company's back office, if one is configured.
pub(super) fn customer(words: Words<'_>, connection: &Connection) -> Option<String> {
    words.alert.who.origin_id.as_ref()?;
    let template = words.settings.links.customer.as_ref()?;
    let url = template.fill(|place| in_url(words, connection, place));
    link(&url, "Open the customer's page")
}

fn mail(words: Words<'_>, subject: &str, body: &str) -> Option<String> {
    let address = words.alert.who.contact.as_deref()?;
    mailto(address, subject, body, "Write to the contact")
}

/// A text of an e-mail from the operator's template, or otherwise the default one.
fn filled(
    words: Words<'_>,
    connection: &Connection,
    own: Option<&Template>,
    default: &str,
) -> String {
    let fill = |template: &Template| {
        template.fill(|place| match place {
            Placeholder::Tool => tool(connection, 60),
            Placeholder::Guide => guide_url(words, connection),
            place => line(&fact(words, connection, place), MAX_VALUE),
        })
    };
    let default = || Template::parse(default).as_ref().map(fill);
    own.map(fill).or_else(default).unwrap_or_default()
}

fn guide_url(words: Words<'_>, connection: &Connection) -> String {
    let template = words.settings.links.guide.as_ref();
    template.map_or_else(String::new, |template| {
        template.fill(|place| in_url(words, connection, place))
    })
}

fn in_url(words: Words<'_>, connection: &Connection, place: Placeholder) -> String {
    encode_all(&fact(words, connection, place))
}

/// The value for a placeholder, as Kombo or the company spells it; empty if it is unknown.
fn fact(words: Words<'_>, connection: &Connection, place: Placeholder) -> String {
    let who = &words.alert.who;
    let text = match place {
        Placeholder::Tool => connection.tool.as_ref().map(Tool::as_str),
        Placeholder::Category => connection.category.as_ref().map(Category::as_str),
        Placeholder::OriginId => who.origin_id.as_ref().map(OriginId::as_str),
        Placeholder::Organization => who.organization_name.as_deref(),
        Placeholder::Guide => None,
    };
    text.unwrap_or_default().to_owned()
}

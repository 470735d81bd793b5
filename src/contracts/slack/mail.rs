//! Links of a message: an e-mail to the contact, the guide, the customer's page.
//!
//! The templates are the operator's, what fills them is foreign: in a URL it is
//! percent-encoded whole, in an e-mail it is one line, and the whole text is encoded.

use super::draft::{MAX_VALUE, Words, name, tool};
use super::link::{encode_all, link, mailto};
use super::text::line;
use crate::contracts::operator::settings::{Place, Template};
use crate::domain::alert::Connection;
use crate::domain::id::{Category, OriginId, Tool};

/// The e-mail to somebody who could not connect.
pub(super) fn about_connecting(words: Words<'_>, connection: &Connection) -> Option<String> {
    let links = &words.settings.links;
    let subject = "Connecting {tool}";
    let body = "Hello,\n\nwe saw that connecting {tool} did not work. May we help?\n{guide}\n";
    let subject = filled(words, connection, links.mail_subject.as_ref(), subject);
    let body = filled(words, connection, links.mail_body.as_ref(), body);
    mail(words, &subject, &body)
}

/// The e-mail to somebody who has to connect again.
pub(super) fn about_reconnecting(words: Words<'_>, connection: &Connection) -> Option<String> {
    let subject = "Please reconnect {tool}";
    let body = "Hello,\n\nwe can no longer reach your {tool}: its credentials have changed or run out. Please reconnect it here:\n\n(reconnection link)\n";
    let subject = filled(words, connection, None, subject);
    let body = filled(words, connection, None, body);
    mail(words, &subject, &body)
}

/// The guide to connecting this tool, if there is one.
pub(super) fn guide(words: Words<'_>, connection: &Connection) -> Option<String> {
    let url = guide_url(words, connection);
    link(&url, "Send the connection guide")
}

/// The customer in the company's own back office, if it has one there.
pub(super) fn customer(words: Words<'_>, connection: &Connection) -> Option<String> {
    words.alert.who.origin_id.as_ref()?;
    let template = words.settings.links.customer.as_ref()?;
    let url = template.fill(|place| in_url(words, connection, place));
    link(&url, "Open the customer")
}

fn mail(words: Words<'_>, subject: &str, body: &str) -> Option<String> {
    let address = words.alert.who.contact.as_deref()?;
    mailto(address, subject, body, "Write to the contact")
}

/// A text of an e-mail: the operator's, or the usual one.
fn filled(
    words: Words<'_>,
    connection: &Connection,
    own: Option<&Template>,
    usual: &str,
) -> String {
    let fill = |template: &Template| {
        template.fill(|place| match place {
            Place::Tool => tool(connection, 60),
            Place::Guide => guide_url(words, connection),
            place => line(&fact(words, connection, place), MAX_VALUE),
        })
    };
    let usual = || Template::parse(usual).as_ref().map(fill);
    own.map(fill).or_else(usual).unwrap_or_default()
}

fn guide_url(words: Words<'_>, connection: &Connection) -> String {
    let template = words.settings.links.guide.as_ref();
    template.map_or_else(String::new, |template| {
        template.fill(|place| in_url(words, connection, place))
    })
}

fn in_url(words: Words<'_>, connection: &Connection, place: Place) -> String {
    encode_all(&fact(words, connection, place))
}

/// What stands in a place, as Kombo or the company spells it.
fn fact(words: Words<'_>, connection: &Connection, place: Place) -> String {
    let who = &words.alert.who;
    let text = match place {
        Place::Tool => connection.tool.as_ref().map(Tool::as_str),
        Place::Category => connection.category.as_ref().map(Category::as_str),
        Place::OriginId => who.origin_id.as_ref().map(OriginId::as_str),
        Place::Organization => return name(who),
        Place::Guide => None,
    };
    text.unwrap_or_default().to_owned()
}

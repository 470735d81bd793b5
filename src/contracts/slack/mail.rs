//! The links that help the customer: an e-mail to the contact, the connection guide, the
//! customer's page.
//!
//! The templates come from the operator, the values in them are foreign. In a URL each
//! value is percent-encoded. In an e-mail each value is one line, and the whole text is
//! percent-encoded.

use super::draft::{Link, MAX_VALUE, Words, tool};
use super::letters::{self, Occasion};
use super::link::{LINK_MARK, encode_all, link, mailto, mailto_with};
use super::text::line;
use crate::contracts::kombo::ConnectUrl;
use crate::contracts::operator::settings::{Placeholder, Settings, Template};
use crate::domain::alert::{Connection, CustomerRef};
use crate::domain::id::{Category, OriginId, Tool};

/// The customer and the connection that a link is about.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The customer.
    pub who: &'a CustomerRef,
    /// The tool and its category.
    pub connection: &'a Connection,
    /// The settings.
    pub settings: &'a Settings,
}

impl<'a> Subject<'a> {
    /// The customer of the alert.
    pub(super) fn of(words: Words<'a>, connection: &'a Connection) -> Self {
        Self {
            who: &words.alert.who,
            connection,
            settings: words.view.settings,
        }
    }
}

/// The e-mail to a contact whose attempt to connect failed.
pub(super) fn about_connecting(about: Subject<'_>) -> Option<Link> {
    mail(about, Occasion::Failed)
}

/// The e-mail to a contact who has to reconnect.
pub(super) fn about_reconnecting(about: Subject<'_>) -> Option<Link> {
    mail(about, Occasion::Expired)
}

/// The guide to connecting this tool, if one is configured.
pub(super) fn guide(about: Subject<'_>) -> Option<Link> {
    link(&guide_url(about), "Send the connection guide")
}

/// The customer's page in the company's back office, if one is configured.
pub(super) fn customer(about: Subject<'_>) -> Option<Link> {
    about.who.origin_id.as_ref()?;
    let template = about.settings.links.customer.as_ref()?;
    let url = template.fill(|place| in_url(about, place));
    link(&url, "Open the customer's page")
}

/// The URL of an e-mail to the contact with a link that Kombo made; `None` without a plain address. If
/// the operator's body has no place for the link, it follows at the end.
#[must_use]
pub fn letter(about: Subject<'_>, occasion: Occasion, link: &ConnectUrl) -> Option<String> {
    let address = about.who.contact.as_deref()?;
    let (subject, mut body) = texts(about, occasion);
    let own = about.settings.links.mail_body.as_ref();
    if own.is_some_and(|own| !own.has(Placeholder::Link)) {
        body = format!("{}\n\n{LINK_MARK}\n", body.trim_end());
    }
    mailto_with(address, &subject, &body, link.expose())
}

fn mail(about: Subject<'_>, occasion: Occasion) -> Option<Link> {
    let address = about.who.contact.as_deref()?;
    let (subject, body) = texts(about, occasion);
    let body = body.replace(LINK_MARK, "");
    mailto(address, &subject, &body, "Write to the contact")
}

/// The operator's subject and body, or otherwise the default ones, with a mark for the link.
fn texts(about: Subject<'_>, occasion: Occasion) -> (String, String) {
    let links = &about.settings.links;
    let (subject, body) = letters::letter(occasion, links.language);
    let subject = filled(about, links.mail_subject.as_ref(), subject);
    let body = filled(about, links.mail_body.as_ref(), body);
    (subject.replace(LINK_MARK, ""), body)
}

/// A text of an e-mail from the operator's template, or otherwise the default one.
fn filled(about: Subject<'_>, own: Option<&Template>, default: &str) -> String {
    let fill = |template: &Template| {
        template.fill(|place| match place {
            Placeholder::Tool => tool(about.connection, 60),
            Placeholder::Guide => guide_url(about),
            Placeholder::Link => LINK_MARK.to_owned(),
            place => line(&fact(about, place), MAX_VALUE),
        })
    };
    let default = || Template::parse(default).as_ref().map(fill);
    own.map(fill).or_else(default).unwrap_or_default()
}

fn guide_url(about: Subject<'_>) -> String {
    let template = about.settings.links.guide.as_ref();
    template.map_or_else(String::new, |template| {
        template.fill(|place| in_url(about, place))
    })
}

fn in_url(about: Subject<'_>, place: Placeholder) -> String {
    encode_all(&fact(about, place))
}

/// The value for a placeholder, as Kombo or the company spells it; empty if it is unknown.
fn fact(about: Subject<'_>, place: Placeholder) -> String {
    let Subject {
        who, connection, ..
    } = about;
    let text = match place {
        Placeholder::Tool => connection.tool.as_ref().map(Tool::as_str),
        Placeholder::Category => connection.category.as_ref().map(Category::as_str),
        Placeholder::OriginId => who.origin_id.as_ref().map(OriginId::as_str),
        Placeholder::Organization => who.organization_name.as_deref(),
        Placeholder::Guide | Placeholder::Link => None,
    };
    text.unwrap_or_default().to_owned()
}

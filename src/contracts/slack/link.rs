//! Links to foreign `https:` URLs and e-mail addresses, with our own labels.
//!
//! Foreign parts are percent-encoded, so that nothing in them ends the link early. A
//! link that would not be complete is left out.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::draft::{Link, Part, Span};
use super::redaction::holds_id;
use super::text::clamp;
use crate::domain::redaction::without_ids;

/// The longest URL of a link.
const MAX_URL: usize = 2_000;

/// Stands for a link of Kombo's in a text. No one types it, and it is not visible.
pub(super) const LINK_MARK: &str = "\u{fffc}";

/// A link to a foreign `https:` URL. `None` if the URL has another scheme, is too long
/// or contains an integration id.
pub(super) fn link(url: &str, label: &'static str) -> Option<Link> {
    let safe = url.starts_with("https://") && !holds_id(url);
    let url = encode(url);
    (safe && url.len() <= MAX_URL).then_some(Link { url, label })
}

/// A `mailto:` link with a subject and a body, which the reader can edit before sending.
/// `None` if the address is not a plain one. The body is left out if it makes the link
/// too long.
pub(super) fn mailto(
    address: &str,
    subject: &str,
    body: &str,
    label: &'static str,
) -> Option<Link> {
    let (local, domain) = address.split_once('@')?;
    let plain = !local.is_empty()
        && domain.contains('.')
        && address.len() <= 254
        && !address
            .chars()
            .any(|one| one.is_whitespace() || one.is_control() || ",;:<>\"()".contains(one))
        && !domain.contains(['@', '/', '?', '&', '%']);
    let to = format!("{}@{}", encode_all(local), encode_all(domain));
    let subject = encode_all(&clamp(&without_ids(subject), 200));
    let body = encode_all(&without_ids(body).replace('\n', "\r\n"));
    let url = format!("mailto:{to}?subject={subject}&body={body}");
    let url = if url.len() <= MAX_URL {
        url
    } else {
        format!("mailto:{to}?subject={subject}")
    };
    (plain && url.len() <= MAX_URL).then_some(Link { url, label })
}

/// As [`mailto`], for a page: the URL alone. [`LINK_MARK`] in the body stands for a URL that Kombo made,
/// which is kept as it is. If it is too long, the body has nothing else.
pub(super) fn mailto_with(address: &str, subject: &str, body: &str, url: &str) -> Option<String> {
    let mail = mailto(address, subject, body, "")?.url;
    let (mark, url) = (encode_all(LINK_MARK), encode_all(url));
    let whole = mail.replace(&mark, &url);
    if mail.contains(&mark) && whole.len() <= MAX_URL {
        return Some(whole);
    }
    let brief = mailto(address, subject, LINK_MARK, "")?.url;
    Some(brief.replace(&mark, &url))
}

/// Links as a list, without those that could not be made.
pub(super) fn links(links: impl IntoIterator<Item = Option<Link>>) -> Part {
    let links = links.into_iter().flatten();
    Part::List(links.map(|link| vec![Span::Link(link)]).collect())
}

/// Percent-encodes what would end the link or is not allowed in a URL.
fn encode(url: &str) -> String {
    const ENDS: AsciiSet = CONTROLS
        .add(b' ')
        .add(b'<')
        .add(b'>')
        .add(b'|')
        .add(b'"')
        .add(b'`');
    utf8_percent_encode(url, &ENDS).to_string()
}

/// Percent-encodes everything but letters, digits and characters that have no special
/// meaning in any part of a URL.
pub(super) fn encode_all(part: &str) -> String {
    const ALL: AsciiSet = NON_ALPHANUMERIC
        .remove(b'.')
        .remove(b'-')
        .remove(b'_')
        .remove(b'+');
    utf8_percent_encode(part, &ALL).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_urls_are_linked_and_what_would_end_the_link_is_encoded() {
        assert_eq!(
            link("https://x/a|b>c?d=1&e=2", "Log").unwrap().url,
            "https://x/a%7Cb%3Ec?d=1&e=2"
        );
        for url in [
            "http://x",
            "javascript:alert(1)",
            "https://x/hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
        ] {
            assert!(link(url, "Log").is_none(), "{url}");
        }
    }

    #[test]
    fn only_plain_addresses_get_a_mailto_link() {
        assert_eq!(
            mailto("hr.admin@lindqvist.example", "A & B", "Hello\nyou", "Write")
                .unwrap()
                .url,
            "mailto:hr.admin@lindqvist.example?subject=A%20%26%20B&body=Hello%0D%0Ayou"
        );
        for address in [
            "",
            "x",
            "a@b",
            "a b@c.de",
            "a@b.c?bcc=d@e.f",
            "a@b@c.de",
            "a@b.c\r\nBcc: d@e.f",
            // A mail program would read several addresses, or a group.
            "all,a@b.c",
            "all;a@b.c",
            "team:a@b.c",
            "a@b.c,d.e",
            "\"Boss\"<a@b.c>",
        ] {
            assert!(mailto(address, "", "", "Write").is_none(), "{address}");
        }
    }

    #[test]
    fn a_link_of_kombo_stays_whole_in_an_e_mail_however_long_the_text_is() {
        let url = "https://connect.kombo.dev/v1/link/T3xkPq9VwLm2ZrYs8GdHnC5J?a=b&c";
        let encoded =
            "https%3A%2F%2Fconnect.kombo.dev%2Fv1%2Flink%2FT3xkPq9VwLm2ZrYs8GdHnC5J%3Fa%3Db%26c";
        let body = format!("Here:\n{LINK_MARK}\nhibob:T3xkPq9VwLm2ZrYs8GdHnC5J");
        assert_eq!(
            mailto_with("a@b.c", "Hi", &body, url).unwrap(),
            format!("mailto:a@b.c?subject=Hi&body=Here%3A%0D%0A{encoded}%0D%0A%E2%80%A6")
        );
        for long in [
            format!("{LINK_MARK}{}", "ü".repeat(2_000)),
            format!("{LINK_MARK}{}", "x".repeat(1_900)),
            "a text without its place".to_owned(),
        ] {
            let mail = mailto_with("a@b.c", "Hi", &long, url).unwrap();
            assert_eq!(mail, format!("mailto:a@b.c?subject=Hi&body={encoded}"));
        }
        assert_eq!(mailto_with("nobody", "Hi", LINK_MARK, url), None);
    }

    #[test]
    fn a_body_that_is_too_long_for_a_link_is_left_out() {
        let link = mailto("a@b.c", "subject", &"ü".repeat(2_000), "Write").unwrap();
        assert_eq!(link.url, "mailto:a@b.c?subject=subject");
    }
}

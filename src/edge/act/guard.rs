//! Whether a request to act comes from our own page.
//!
//! The link itself is what grants an act. This keeps another site, which may have got hold of a link,
//! from making the browser of a reader act under the reader's name.

use crate::contracts::operator::settings::PublicUrl;

/// What a browser says about where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The `Sec-Fetch-Site` header.
    pub site: Option<&'a str>,
    /// The `Origin` header.
    pub origin: Option<&'a str>,
    /// The request's own scheme and host.
    pub own: Option<&'a PublicUrl>,
}

impl Sender<'_> {
    /// Whether the request comes from our own page, or from a program that is no browser. Browsers that
    /// send neither header to say so are older than 2020. `Origin` alone is `null` from a page without
    /// referrer, such as ours, and then says nothing.
    pub(super) fn is_own(self) -> bool {
        match (self.site, self.origin) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => self.own.is_some_and(|own| own.as_str() == origin),
            (None, None) => true,
        }
    }

    pub(super) fn is_encrypted(self) -> bool {
        self.own
            .is_some_and(|own| own.as_str().starts_with("https:"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_or_a_program_may_act() {
        let own = PublicUrl::parse("https://edge.example.com").unwrap();
        for (site, origin, is_own) in [
            (Some("same-origin"), Some("https://edge.example.com"), true),
            (Some("same-origin"), Some("null"), true),
            (Some("cross-site"), Some("https://edge.example.com"), false),
            (Some("same-site"), None, false),
            (Some("none"), None, false),
            (None, Some("https://edge.example.com"), true),
            (None, Some("https://evil.example"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            let own = Some(&own);
            let asked = Sender { site, origin, own };
            assert_eq!(asked.is_own(), is_own, "{site:?} {origin:?}");
        }
    }
}

//! Bearer tokens (RFC 6750): who may read, and who may change things.
//!
//! A setting may hold several tokens, for rotation. Each is kept as a digest, and
//! a presented one is compared with all of them in constant time.

use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::answer::Refusal;

/// Shortest token, in bytes: shorter ones can be guessed.
pub const MIN_BYTES: usize = 16;

/// What a request needs to be allowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// To read.
    Read,
    /// To change things, too.
    Full,
}

/// Tokens that open the same. Prints nothing of itself.
#[derive(Clone)]
pub struct Tokens(Vec<Hmac<Sha256>>);

impl Tokens {
    /// Reads tokens that are separated by white space; `None` when there is none,
    /// or one is too short.
    #[must_use]
    pub fn parse(setting: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        for text in setting.split_whitespace() {
            if text.len() < MIN_BYTES {
                return None;
            }
            tokens.push(Hmac::new_from_slice(text.as_bytes()).ok()?);
        }
        (!tokens.is_empty()).then_some(Self(tokens))
    }

    /// Whether the presented token is one of them: equal keys make equal codes, and
    /// comparing those takes the same time wherever they differ.
    fn contain(&self, presented: &Hmac<Sha256>) -> bool {
        let code = presented.clone().finalize().into_bytes();
        self.0.iter().fold(false, |fits, token| {
            fits | token.clone().verify_slice(&code).is_ok()
        })
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tokens([REDACTED])")
    }
}

/// Judges the `Authorization` header of a request.
///
/// # Errors
/// [`Refusal::ApiDisabled`] while no token is configured, [`Refusal::Token`] when
/// the presented one is missing or opens less than is needed.
pub fn admit(
    full: Option<&Tokens>,
    read: Option<&Tokens>,
    needed: Access,
    authorization: Option<&str>,
) -> Result<(), Refusal> {
    if full.is_none() && read.is_none() {
        return Err(Refusal::ApiDisabled);
    }
    let (scheme, token) = authorization
        .and_then(|text| text.trim().split_once(' '))
        .ok_or(Refusal::Token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::Token);
    }
    let presented = Hmac::new_from_slice(token.trim().as_bytes()).map_err(|_| Refusal::Token)?;
    let opens = |tokens: Option<&Tokens>| tokens.is_some_and(|tokens| tokens.contain(&presented));
    let (opens_all, opens_reading) = (opens(full), opens(read));
    if opens_all || (opens_reading && needed == Access::Read) {
        Ok(())
    } else {
        Err(Refusal::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "full-token-0123456789";
    const READ: &str = "read-token-0123456789";

    fn judged(needed: Access, header: &str) -> Result<(), Refusal> {
        let full = Tokens::parse(&format!("older-token-0123456789 {FULL}"));
        let read = Tokens::parse(READ);
        admit(full.as_ref(), read.as_ref(), needed, Some(header))
    }

    #[test]
    fn a_full_token_opens_all_and_a_read_token_only_reading() {
        for (token, needed, opens) in [
            (FULL, Access::Full, true),
            (FULL, Access::Read, true),
            ("older-token-0123456789", Access::Full, true),
            (READ, Access::Read, true),
            (READ, Access::Full, false),
            ("other-token-0123456789", Access::Read, false),
            ("", Access::Read, false),
        ] {
            let judged = judged(needed, &format!("Bearer {token}"));
            assert_eq!(judged.is_ok(), opens, "{token} {needed:?}");
        }
        assert!(judged(Access::Read, &format!("bearer {READ}")).is_ok());
        assert!(judged(Access::Read, &format!("Basic {READ}")).is_err());
        assert!(judged(Access::Read, READ).is_err());
    }

    #[test]
    fn without_any_token_nothing_is_open() {
        let judged = admit(None, None, Access::Read, Some("Bearer x"));
        assert_eq!(judged, Err(Refusal::ApiDisabled));
    }

    #[test]
    fn a_short_token_is_none() {
        assert!(Tokens::parse("long-enough-0123456789 short").is_none());
        assert!(Tokens::parse(" ").is_none());
    }

    #[test]
    fn debug_output_shows_no_token() {
        assert!(!format!("{:?}", Tokens::parse(FULL)).contains("0123"));
    }
}

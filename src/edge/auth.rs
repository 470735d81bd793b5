//! Bearer tokens (RFC 6750): who may read, and who may change things.
//!
//! Which tokens there are is a setting.

use thiserror::Error;

use crate::contracts::operator::tokens::Tokens;

/// The access that a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading.
    Read,
    /// Reading and changing.
    Full,
}

/// Why a request is not authorized.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AuthError {
    /// No token is configured.
    #[error("no token is configured")]
    Disabled,
    /// The token is missing or wrong, or does not give the access needed.
    #[error("the token is missing or wrong")]
    Token,
}

/// Checks the `Authorization` header of a request.
///
/// # Errors
/// An [`AuthError`] if the request is not authorized.
pub fn admit(
    full: Option<&Tokens>,
    read: Option<&Tokens>,
    needed: Access,
    authorization: Option<&str>,
) -> Result<(), AuthError> {
    if full.is_none() && read.is_none() {
        return Err(AuthError::Disabled);
    }
    let (scheme, token) = authorization
        .and_then(|text| text.trim().split_once(' '))
        .ok_or(AuthError::Token)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Token);
    }
    let opens = |tokens: Option<&Tokens>| tokens.is_some_and(|it| it.contain(token.trim()));
    let (opens_all, opens_reading) = (opens(full), opens(read));
    if opens_all || (opens_reading && needed == Access::Read) {
        Ok(())
    } else {
        Err(AuthError::Token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "full-token-0123456789";
    const READ: &str = "read-token-0123456789";

    fn judged(needed: Access, header: &str) -> Result<(), AuthError> {
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
        assert_eq!(judged, Err(AuthError::Disabled));
    }
}

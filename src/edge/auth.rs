//! Who may read, and who may change things: bearer tokens (RFC 6750) over HTTP, and the `props` of a
//! service binding.
//!
//! Which tokens there are is a setting. Which props a binding has is written in the configuration of
//! the Worker that calls; the platform passes them on, and nobody can alter them on the way.

use serde::Deserialize;
use thiserror::Error;

use crate::contracts::operator::tokens::Tokens;
use crate::domain::http::header_value;
use crate::domain::json;

/// The access that a request needs, or that a caller has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    /// The service binding does not give the access needed.
    #[error("the service binding gives no access")]
    Binding,
}

/// What the `props` of a service binding give to the Worker that has it.
#[derive(Deserialize)]
struct Props {
    access: Access,
}

/// Checks the `props` of a service binding, as JSON.
///
/// # Errors
/// [`AuthError::Binding`] if they do not give the access needed.
pub fn admit_binding(props: &str, needed: Access) -> Result<(), AuthError> {
    let props: Props = json::parse(props).map_err(|_| AuthError::Binding)?;
    match (props.access, needed) {
        (Access::Full, _) | (Access::Read, Access::Read) => Ok(()),
        (Access::Read, Access::Full) => Err(AuthError::Binding),
    }
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
        .and_then(|text| header_value(text).split_once(' '))
        .ok_or(AuthError::Token)?;
    let token = token.trim_start_matches(' ');
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Token);
    }
    let opens = |tokens: Option<&Tokens>| tokens.is_some_and(|it| it.contain(token));
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
    fn spaces_and_tabs_around_a_token_do_not_belong_to_it_and_other_white_space_opens_nothing() {
        for (header, opens) in [
            (format!("Bearer {READ} "), true),
            (format!("Bearer {READ}\t \t"), true),
            (format!(" \tBearer   {READ}"), true),
            (format!("Bearer {READ}\n"), false),
            (format!("Bearer {READ}\u{b}"), false),
            (format!("Bearer {READ}\u{85}"), false),
            (format!("Bearer {READ}\u{a0}"), false),
            (format!("Bearer {READ}\u{2003}"), false),
            (format!("Bearer \u{a0}{READ}"), false),
            (format!("Bearer \t{READ}"), false),
            (format!("Bearer\t{READ}"), false),
            (format!("Bearer\u{a0}{READ}"), false),
        ] {
            assert_eq!(judged(Access::Read, &header).is_ok(), opens, "{header:?}");
        }
    }

    #[test]
    fn a_service_binding_opens_what_its_props_say_and_nothing_without_them() {
        for (props, needed, opens) in [
            (r#"{"access":"read"}"#, Access::Read, true),
            (r#"{"access":"read"}"#, Access::Full, false),
            (r#"{"access":"full","name":"backend"}"#, Access::Full, true),
            (r#"{"access":"full"}"#, Access::Read, true),
            (r#"{"access":"Read"}"#, Access::Read, false),
            (r#"{"access":["read"]}"#, Access::Read, false),
            (r#"{"access":null}"#, Access::Read, false),
            (r#""read""#, Access::Read, false),
            ("{}", Access::Read, false),
            ("null", Access::Read, false),
            ("", Access::Read, false),
        ] {
            let judged = admit_binding(props, needed);
            assert_eq!(judged.is_ok(), opens, "{props} {needed:?}");
        }
    }

    #[test]
    fn without_any_token_nothing_is_open() {
        let judged = admit(None, None, Access::Read, Some("Bearer x"));
        assert_eq!(judged, Err(AuthError::Disabled));
    }
}

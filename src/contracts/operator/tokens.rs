//! Bearer tokens, as settings give them.
//!
//! A setting may hold several, for rotation. Each is kept as a digest, and a presented one is compared
//! with all of them in constant time.

use core::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Shortest token, in bytes: shorter ones can be guessed.
const MIN_TOKEN_BYTES: usize = 16;

/// Tokens that give the same access. `Debug` does not print them.
#[derive(Clone)]
pub struct Tokens(Vec<Hmac<Sha256>>);

impl Tokens {
    /// Reads tokens that are separated by white space; `None` if there are none,
    /// or one is too short.
    #[must_use]
    pub fn parse(setting: &str) -> Option<Self> {
        let mut tokens = Vec::new();
        for text in setting.split_whitespace() {
            if text.len() < MIN_TOKEN_BYTES {
                return None;
            }
            tokens.push(Hmac::new_from_slice(text.as_bytes()).ok()?);
        }
        (!tokens.is_empty()).then_some(Self(tokens))
    }

    /// Whether the presented token is one of them: equal keys make equal codes, and
    /// comparing those takes the same time wherever they differ.
    #[must_use]
    pub fn contain(&self, presented: &str) -> bool {
        let Ok(presented) = Hmac::<Sha256>::new_from_slice(presented.as_bytes()) else {
            return false;
        };
        let code = presented.finalize().into_bytes();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_token_is_rejected() {
        assert!(Tokens::parse("long-enough-0123456789 short").is_none());
        assert!(Tokens::parse(" ").is_none());
    }

    #[test]
    fn debug_output_shows_no_token() {
        assert!(!format!("{:?}", Tokens::parse("full-token-0123456789")).contains("0123"));
    }
}

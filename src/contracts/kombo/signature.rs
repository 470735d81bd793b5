//! Kombo's signature over the raw body, and the proof that it was checked.
//!
//! Kombo's guide: header `X-Kombo-Signature`, HMAC-SHA256 over the request body
//! exactly as sent, key = the webhook secret as UTF-8, encoded as base64url
//! without padding. The signature does not cover a time, so
//! nothing here stops a replay; remembering event ids does.

use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

use crate::domain::http::header_value;

/// Name of the header that carries the signature.
pub const SIGNATURE_HEADER: &str = "x-kombo-signature";

/// Length of a SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// Why a signature is rejected. Only the log says which; callers do not learn it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    /// The header is absent.
    #[error("a missing signature header")]
    Missing,
    /// The header is repeated, or is not 43 characters of base64url.
    #[error("a signature that is not the base64url of a SHA-256 digest")]
    Malformed,
    /// None of the configured secrets made this signature: a wrong secret, or not Kombo.
    #[error("a signature made with none of the configured secrets")]
    Mismatch,
}

/// A signature of the right form, not yet compared with anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature([u8; DIGEST_BYTES]);

impl Signature {
    /// Reads the value of the header. Padding, which Kombo does not send, is tolerated, and so are
    /// spaces and tabs around it.
    ///
    /// # Errors
    /// [`SignatureError::Missing`] without a header, [`SignatureError::Malformed`]
    /// for a value of another form; a repeated header arrives joined by a comma
    /// and is malformed too.
    pub fn parse(header: Option<&str>) -> Result<Self, SignatureError> {
        let encoded = header_value(header.ok_or(SignatureError::Missing)?).trim_end_matches('=');
        let mut digest = [0; DIGEST_BYTES];
        // A value too long for a digest is rejected before it is decoded.
        match Base64UrlUnpadded::decode(encoded, &mut digest) {
            Ok(bytes) if bytes.len() == DIGEST_BYTES => Ok(Self(digest)),
            _ => Err(SignatureError::Malformed),
        }
    }
}

/// One webhook secret, prepared as a key.
#[derive(Clone)]
struct Secret(Hmac<Sha256>);

/// The webhook secrets: one, or several during a rotation. Never empty. `Debug` does not print them.
#[derive(Clone)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// Reads secrets that are separated by white space; `None` if there are none,
    /// so that an empty setting never counts as a secret.
    #[must_use]
    pub fn parse(setting: &str) -> Option<Self> {
        let secrets: Vec<Secret> = setting
            .split_whitespace()
            .filter_map(|text| Hmac::new_from_slice(text.as_bytes()).ok())
            .map(Secret)
            .collect();
        (!secrets.is_empty()).then_some(Self(secrets))
    }

    /// Proves that one of the secrets signed `body`. Every secret is tried, each
    /// in constant time, so the time does not reveal which one matches.
    ///
    /// # Errors
    /// [`SignatureError::Mismatch`] if none of them did.
    pub fn verify<'a>(
        &self,
        signature: &Signature,
        body: &'a [u8],
    ) -> Result<Verified<'a>, SignatureError> {
        let fits = self.0.iter().fold(false, |fits, secret| {
            let mac = secret.0.clone().chain_update(body);
            fits | mac.verify_slice(&signature.0).is_ok()
        });
        if fits {
            Ok(Verified { body })
        } else {
            Err(SignatureError::Mismatch)
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secrets([REDACTED])")
    }
}

/// Bytes that Kombo signed. The parser accepts nothing else, and only
/// [`Secrets::verify`] makes one.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    body: &'a [u8],
}

impl<'a> Verified<'a> {
    /// The bytes as they were sent.
    #[must_use]
    pub fn body(self) -> &'a [u8] {
        self.body
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Verified({} bytes)", self.body.len())
    }
}

//! Links to acts. Each is signed for one act about one incident, and works for seven days.
//!
//! The token is the base64url of what it says, a dot, and the base64url of an HMAC-SHA256 over that.
//! It names the incident by its key, which has hashes in place of ids. Whoever has a link may do its
//! act, as far as the stored incident allows it when it is done; another secret makes every link void.

use core::fmt;
use core::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

use crate::contracts::objects::address::IncidentKey;
use crate::domain::act::Act;
use crate::domain::time::Timestamp;

/// How long a link works.
pub const LINK_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Shortest secret, in bytes: a shorter one could be found by trying.
const MIN_SECRET_BYTES: usize = 32;

/// Longest token that is read. The longest key of an incident makes one of about 800 bytes.
const MAX_TOKEN_BYTES: usize = 1_024;

/// Length of a SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// What is signed before a token, so that a signature of anything else never fits.
const PURPOSE: &[u8] = b"kombo-edge act 1\n";

/// The secrets that sign links: the first signs, each verifies. Never empty. `Debug` does not print
/// them.
#[derive(Clone)]
pub struct LinkSecrets(Vec<Hmac<Sha256>>);

impl LinkSecrets {
    /// Reads secrets that are separated by white space; `None` if there are none, or one is too short.
    #[must_use]
    pub fn parse(setting: &str) -> Option<Self> {
        let mut secrets = Vec::new();
        for text in setting.split_whitespace() {
            if text.len() < MIN_SECRET_BYTES {
                return None;
            }
            secrets.push(Hmac::new_from_slice(text.as_bytes()).ok()?);
        }
        (!secrets.is_empty()).then_some(Self(secrets))
    }

    fn sign(&self, payload: &str) -> String {
        let secret = self.0.first().cloned();
        let code = secret.map(|secret| signed(secret, payload).finalize().into_bytes());
        code.map_or_else(String::new, |code| Base64UrlUnpadded::encode_string(&code))
    }

    /// Whether one of the secrets signed this. Each is tried, in constant time.
    fn verify(&self, payload: &str, signature: &[u8]) -> bool {
        self.0.iter().fold(false, |fits, secret| {
            let mac = signed(secret.clone(), payload);
            fits | mac.verify_slice(signature).is_ok()
        })
    }
}

fn signed(secret: Hmac<Sha256>, payload: &str) -> Hmac<Sha256> {
    secret.chain_update(PURPOSE).chain_update(payload)
}

/// Whether they are the same secrets: equal ones make equal codes.
impl PartialEq for LinkSecrets {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        let is_same = pairs.fold(true, |same, (one, other)| {
            let code = other.clone().finalize().into_bytes();
            same & one.clone().verify_slice(&code).is_ok()
        });
        is_same && self.0.len() == other.0.len()
    }
}

impl Eq for LinkSecrets {}

impl fmt::Debug for LinkSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LinkSecrets([REDACTED])")
    }
}

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LinkError {
    /// It is not a token, or none of the secrets signed it.
    #[error("a link that none of the configured secrets signed")]
    Invalid,
    /// Its time is over.
    #[error("a link that has expired")]
    Expired,
}

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActLink {
    /// What its holder may do.
    pub act: Act,
    /// About which incident.
    pub incident: IncidentKey,
    /// Until when.
    pub expires_at: Timestamp,
}

impl ActLink {
    /// A link that is made now.
    #[must_use]
    pub fn new(act: Act, incident: IncidentKey, now: Timestamp) -> Self {
        let expires_at = now.plus(LINK_LIFETIME);
        Self {
            act,
            incident,
            expires_at,
        }
    }

    /// The token: the part of the URL that grants the act.
    #[must_use]
    pub fn token(&self, secrets: &LinkSecrets) -> String {
        let payload = Base64UrlUnpadded::encode_string(self.payload().as_bytes());
        let signature = secrets.sign(&payload);
        format!("{payload}.{signature}")
    }

    /// Reads a token. Nothing of it is parsed before its signature was verified.
    ///
    /// # Errors
    /// A [`LinkError`] if it opens nothing.
    pub fn read(token: &str, secrets: &LinkSecrets, now: Timestamp) -> Result<Self, LinkError> {
        let invalid = LinkError::Invalid;
        if token.len() > MAX_TOKEN_BYTES {
            return Err(invalid);
        }
        let (payload, signature) = token.split_once('.').ok_or(invalid)?;
        let mut digest = [0; DIGEST_BYTES];
        let digest = Base64UrlUnpadded::decode(signature, &mut digest).map_err(|_| invalid)?;
        if !secrets.verify(payload, digest) {
            return Err(invalid);
        }
        let payload = Base64UrlUnpadded::decode_vec(payload).map_err(|_| invalid)?;
        let link = core::str::from_utf8(&payload).ok().and_then(Self::parse);
        let link = link.ok_or(invalid)?;
        if link.expires_at <= now {
            return Err(LinkError::Expired);
        }
        Ok(link)
    }

    fn payload(&self) -> String {
        let (act, until) = (self.act.as_str(), self.expires_at.as_seconds());
        format!("{act} {until} {}", self.incident.text())
    }

    fn parse(payload: &str) -> Option<Self> {
        let (act, rest) = payload.split_once(' ')?;
        let (until, key) = rest.split_once(' ')?;
        let millis = until.parse::<i64>().ok()?.checked_mul(1_000)?;
        Some(Self {
            act: Act::named(act)?,
            incident: IncidentKey::try_from(key.to_owned()).ok()?,
            expires_at: Timestamp::from_millis(millis),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "link-secret-0123456789-0123456789";
    const OTHER: &str = "other-secret-0123456789-0123456789";
    const KEY: &str =
        "incident:customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g:connection:personio:HRIS";
    const NOW: Timestamp = Timestamp::from_millis(1_795_420_800_000);

    fn secrets(setting: &str) -> LinkSecrets {
        LinkSecrets::parse(setting).unwrap()
    }

    fn link(act: Act) -> ActLink {
        let incident = IncidentKey::try_from(KEY.to_owned()).unwrap();
        ActLink::new(act, incident, NOW)
    }

    fn read(token: &str, setting: &str, now: Timestamp) -> Result<ActLink, LinkError> {
        ActLink::read(token, &secrets(setting), now)
    }

    #[test]
    fn a_link_says_what_was_signed_until_seven_days_are_over() {
        let last = NOW.plus(Duration::from_secs(7 * 24 * 3_600 - 1));
        for act in Act::ALL {
            let token = link(act).token(&secrets(SECRET));
            assert_eq!(read(&token, SECRET, last), Ok(link(act)));
            let over = last.plus(Duration::from_secs(1));
            assert_eq!(read(&token, SECRET, over), Err(LinkError::Expired));
        }
    }

    #[test]
    fn a_link_with_any_one_character_changed_opens_nothing() {
        let token = link(Act::Mute).token(&secrets(SECRET));
        for at in 0..token.len() {
            for other in ["A", "B", "_", ".", "="] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, other);
                let is_valid = read(&changed, SECRET, NOW).is_ok();
                assert_eq!(is_valid, changed == token, "{changed}");
            }
        }
    }

    #[test]
    fn a_token_of_another_form_opens_nothing() {
        let token = link(Act::Close).token(&secrets(SECRET));
        let (payload, signature) = token.split_once('.').unwrap();
        for token in [
            "",
            ".",
            payload,
            &format!("{payload}."),
            &format!(".{signature}"),
            &format!("{signature}.{payload}"),
            &format!("{token}.{signature}"),
            &format!("{token}="),
            &format!("{}.{signature}", "A".repeat(2_000)),
        ] {
            assert_eq!(read(token, SECRET, NOW), Err(LinkError::Invalid), "{token}");
        }
    }

    #[test]
    fn another_secret_makes_a_link_void_and_an_added_one_does_not() {
        let token = link(Act::Take).token(&secrets(SECRET));
        assert_eq!(read(&token, OTHER, NOW), Err(LinkError::Invalid));
        let both = format!("{OTHER} {SECRET}");
        assert_eq!(read(&token, &both, NOW), Ok(link(Act::Take)));
        let newest = link(Act::Take).token(&secrets(&both));
        assert!(
            read(&newest, OTHER, NOW).is_ok(),
            "the first of several signs"
        );
    }

    #[test]
    fn a_code_of_a_webhook_or_a_token_is_no_signature_of_a_link() {
        let payload = Base64UrlUnpadded::encode_string(link(Act::Take).payload().as_bytes());
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let code = mac.chain_update(&payload).finalize().into_bytes();
        let forged = format!("{payload}.{}", Base64UrlUnpadded::encode_string(&code));
        assert_eq!(read(&forged, SECRET, NOW), Err(LinkError::Invalid));
    }

    #[test]
    fn a_short_secret_is_rejected_and_none_is_shown() {
        for setting in ["", " ", "short", &format!("{SECRET} short")] {
            assert!(LinkSecrets::parse(setting).is_none(), "{setting}");
        }
        assert!(!format!("{:?}", secrets(SECRET)).contains("0123"));
        assert_eq!(secrets(SECRET), secrets(SECRET));
        for other in [OTHER.to_owned(), format!("{SECRET} {OTHER}")] {
            assert_ne!(secrets(SECRET), secrets(&other));
        }
    }
}

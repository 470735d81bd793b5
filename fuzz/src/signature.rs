//! Signatures: what is accepted as Kombo's is exactly what a second HMAC
//! accepts.

use arbitrary::Arbitrary;
use kombo_edge::contracts::kombo::signature::{Secrets, Signature, SignatureError};
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::answer::Refusal;
use kombo_edge::edge::delivery::{self, Headers};

use crate::outside::config;
use crate::signing::{bare, header, is_well_formed};

/// A request to the webhook.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    setting: &'a str,
    header: Header<'a>,
    content_length: Option<u64>,
    body: &'a [u8],
}

/// The header of a request.
#[derive(Arbitrary, Debug)]
enum Header<'a> {
    Absent,
    Any(&'a str),
    /// Right for one of the secrets, with padding.
    Right {
        secret: u8,
        padding: u8,
    },
    /// The same with another character somewhere.
    Forged {
        secret: u8,
        place: u8,
        with: char,
    },
    /// Right for another body.
    OfAnother {
        secret: u8,
        body: &'a [u8],
    },
}

impl Header<'_> {
    fn text(&self, secrets: &[&str], body: &[u8]) -> Option<String> {
        let of = |secret: &u8, body| {
            let secret = secrets.get(usize::from(*secret) % secrets.len().max(1));
            header(secret.copied().unwrap_or_default(), body)
        };
        Some(match self {
            Self::Absent => return None,
            Self::Any(text) => (*text).to_owned(),
            Self::Right { secret, padding } => {
                of(secret, body) + &"=".repeat(usize::from(padding % 3))
            }
            Self::Forged {
                secret,
                place,
                with,
            } => {
                let mut chars: Vec<char> = of(secret, body).chars().collect();
                let place = usize::from(*place) % chars.len();
                chars[place] = *with;
                chars.into_iter().collect()
            }
            Self::OfAnother {
                secret,
                body: other,
            } => of(secret, other),
        })
    }
}

/// Compares the verification with the second HMAC.
///
/// # Panics
/// If the two disagree.
pub fn check(input: &Input<'_>) {
    let secrets: Vec<&str> = input.setting.split_whitespace().collect();
    let given = input.header.text(&secrets, input.body);
    let given = given.as_deref();
    let parsed = Secrets::parse(input.setting);
    assert_eq!(parsed.is_some(), !secrets.is_empty(), "white space is none");
    let mut right = secrets.iter().map(|secret| header(secret, input.body));
    let is_right = given.is_some_and(|given| right.any(|it| it == bare(given)));
    let expected = match given {
        None => Err(SignatureError::Missing),
        Some(given) if !is_well_formed(given) => Err(SignatureError::Malformed),
        Some(_) if !is_right => Err(SignatureError::Mismatch),
        Some(_) => Ok(()),
    };
    if let Some(parsed) = parsed {
        let found = Signature::parse(given).and_then(|signature| {
            let verified = parsed.verify(&signature, input.body)?;
            assert_eq!(verified.body(), input.body, "the bytes as they were sent");
            Ok(())
        });
        assert_eq!(found, expected);
    }
    at_the_edge(input, given, expected, secrets.is_empty());
}

/// The same through the edge, which looks at the headers first.
fn at_the_edge(
    input: &Input<'_>,
    given: Option<&str>,
    expected: Result<(), SignatureError>,
    is_unset: bool,
) {
    let config = config(&[("KOMBO_WEBHOOK_SECRET", input.setting)]);
    let length = input.content_length.map(|length| length.to_string());
    let headers = Headers {
        signature: given,
        content_length: length.as_deref(),
    };
    let too_large = input.content_length.is_some_and(|length| length > 1 << 20);
    let signature = match delivery::admit(&config, headers) {
        Ok(signature) => signature,
        Err(Refusal::NotConfigured(_)) => return assert!(is_unset),
        Err(Refusal::Signature(error)) => return assert_eq!(Err(error), expected),
        Err(refusal) => return assert!(too_large && refusal == Refusal::TooLarge),
    };
    assert!(!is_unset && !too_large);
    let received = delivery::receive(&config, &signature, input.body, Timestamp::default());
    match expected {
        Ok(()) => assert!(!matches!(received, Err(Refusal::Signature(_)))),
        Err(error) => assert_eq!(received, Err(Refusal::Signature(error))),
    }
}

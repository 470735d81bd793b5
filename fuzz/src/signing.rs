//! Kombo's signature by a second implementation, which shares nothing with the
//! Worker's: neither the hash, nor the HMAC, nor the encoding.

use data_encoding::BASE64URL_NOPAD;
use hmac_sha256::HMAC;
use kombo_edge::contracts::kombo::signature::Signature;

/// The secret of every configuration here, the same as in the tests.
const SECRET: &str = "kombo-test-secret";

/// What Kombo's header says about a body.
pub(crate) fn header(secret: &str, body: &[u8]) -> String {
    BASE64URL_NOPAD.encode(&HMAC::mac(body, secret.as_bytes()))
}

/// A header without what is tolerated: spaces and tabs around it, and padding.
pub(crate) fn bare(header: &str) -> &str {
    header.trim_matches([' ', '\t']).trim_end_matches('=')
}

/// Whether a header has the form of a signature, apart from what is tolerated.
pub(crate) fn is_well_formed(header: &str) -> bool {
    let digest = BASE64URL_NOPAD.decode(bare(header).as_bytes());
    digest.is_ok_and(|digest| digest.len() == 32)
}

/// The signature of a body that Kombo sent.
pub(crate) fn signed(body: &[u8]) -> Signature {
    let header = header(SECRET, body);
    Signature::parse(Some(&header)).expect("a right signature has the right form")
}

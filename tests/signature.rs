//! Kombo's signature: known vectors, and everything that must be rejected.

// Makes Clippy treat the whole crate as tests.
#![cfg(test)]

use kombo_edge::contracts::kombo::signature::{Secrets, Signature, SignatureError};

const SECRET: &str = "kombo-test-secret";

/// Bodies and their signatures, made by a second implementation.
const VECTORS: [(&str, &str); 3] = [
    (
        r#"{"id":"0"}"#,
        "fLAkvvMO9r1bt-EM5BHdvb8SANm_wq8I6xLn3Ve5w7w",
    ),
    (
        r#"{"id":"x","type":"integration-created","data":{"n":"Müller & Søn 🦉"}}"#,
        "aAavS81La67meHXP09TqzQmq3p2PZvYhXxDGVKae_vY",
    ),
    ("", "WhQdBEo_RITLyk0p25X5EVcbPnuz_3Xr9T7Y4I9FOTY"),
];

fn verify(secrets: &str, header: Option<&str>, body: &str) -> Result<(), SignatureError> {
    let signature = Signature::parse(header)?;
    let secrets = Secrets::parse(secrets).expect("there is a secret");
    secrets.verify(&signature, body.as_bytes()).map(|_| ())
}

#[test]
fn accepts_every_known_vector() {
    for (body, signature) in VECTORS {
        assert_eq!(verify(SECRET, Some(signature), body), Ok(()), "{body}");
    }
}

#[test]
fn verifies_the_bytes_as_sent_in_either_form_of_the_same_value() {
    let fixtures = include_str!("fixtures/kombo-events.json");
    let fixtures: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(fixtures).unwrap();
    let created = &fixtures["integration-created"];
    // The maps of serde_json sort their keys, so the forms are cut from the text instead.
    let text = include_str!("fixtures/kombo-events.json");
    let start =
        text.find("\"integration-created\": {").unwrap() + "\"integration-created\": ".len();
    let end = text.find("\n  },").unwrap() + "\n  }".len();
    let pretty = text[start..end].replace("\n  ", "\n");
    assert_eq!(
        &serde_json::from_str::<serde_json::Value>(&pretty).unwrap(),
        created
    );
    let compact: String = pretty
        .lines()
        .map(|line| line.trim_start().replacen("\": ", "\":", 1))
        .collect();
    assert_eq!((compact.len(), pretty.len()), (267, 336));
    let of_compact = "HhVSdyedqGUTOMLSzslVmoUoO52rzf3ohOtUncc_5U4";
    let of_pretty = "c5dJgF4x3zUPYSwkPFiB7zw5-20KeYeCdV-PFd3q8BM";
    assert_eq!(verify(SECRET, Some(of_compact), &compact), Ok(()));
    assert_eq!(verify(SECRET, Some(of_pretty), &pretty), Ok(()));
    assert_eq!(
        verify(SECRET, Some(of_compact), &pretty),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn accepts_each_of_several_secrets_and_padding() {
    let (body, signature) = VECTORS[0];
    assert_eq!(
        verify("other kombo-test-secret", Some(signature), body),
        Ok(())
    );
    assert_eq!(
        verify("kombo-test-secret\nother", Some(signature), body),
        Ok(())
    );
    assert_eq!(verify(SECRET, Some(&format!("{signature}=")), body), Ok(()));
}

#[test]
fn rejects_a_signature_over_other_bytes_or_by_another_secret() {
    let (body, signature) = VECTORS[0];
    assert_eq!(
        verify(SECRET, Some(signature), "{\"id\":\"1\"}"),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        verify(SECRET, Some(signature), ""),
        Err(SignatureError::Mismatch)
    );
    assert_eq!(
        verify("another", Some(signature), body),
        Err(SignatureError::Mismatch)
    );
}

#[test]
fn rejects_a_signature_with_any_one_character_changed() {
    let (body, signature) = VECTORS[0];
    for place in 0..signature.len() {
        let mut changed = signature.to_owned();
        let other = if &signature[place..=place] == "A" {
            "B"
        } else {
            "A"
        };
        changed.replace_range(place..=place, other);
        assert!(verify(SECRET, Some(&changed), body).is_err(), "{changed}");
    }
}

#[test]
fn distinguishes_a_missing_from_a_malformed_header() {
    let (body, signature) = VECTORS[0];
    assert_eq!(verify(SECRET, None, body), Err(SignatureError::Missing));
    let hex = "7cb024bef30ef6bd5bb7e10ce411ddbdbf1200d9bfc2af08eb12e7dd57b9c3bc";
    let twice = format!("{signature}, {signature}");
    let standard = signature.replace('-', "+").replace('_', "/");
    let prefixed = format!("sha256={hex}");
    let versioned = format!("v1,{standard}=");
    for header in [
        "",
        "=",
        hex,
        &prefixed,
        &versioned,
        &twice,
        &standard,
        &signature[1..],
        "ü".repeat(22).as_str(),
    ] {
        let refusal = verify(SECRET, Some(header), body);
        assert_eq!(refusal, Err(SignatureError::Malformed), "{header}");
    }
}

#[test]
fn spaces_and_tabs_around_a_signature_do_not_belong_to_it_and_other_white_space_opens_nothing() {
    let (body, signature) = VECTORS[0];
    for (header, expected) in [
        (format!("{signature} "), Ok(())),
        (format!("{signature}\t \t"), Ok(())),
        (format!(" \t{signature}= \t"), Ok(())),
        (format!("{signature}\n"), Err(SignatureError::Malformed)),
        (format!("{signature}\r\n"), Err(SignatureError::Malformed)),
        (format!("{signature}\u{b}"), Err(SignatureError::Malformed)),
        (format!("{signature}\u{a0}"), Err(SignatureError::Malformed)),
        (
            format!("\u{2003}{signature}"),
            Err(SignatureError::Malformed),
        ),
        (format!("{signature} ="), Err(SignatureError::Malformed)),
        (
            signature.replacen('-', " ", 1),
            Err(SignatureError::Malformed),
        ),
    ] {
        assert_eq!(verify(SECRET, Some(&header), body), expected, "{header:?}");
    }
}

#[test]
fn white_space_is_not_a_secret() {
    for setting in ["", " ", "\n\t "] {
        assert!(Secrets::parse(setting).is_none());
    }
}

#[test]
fn a_secret_that_was_set_twice_counts_once() {
    let (body, signature) = VECTORS[0];
    let twice = format!("{SECRET} {SECRET}");
    assert_eq!(verify(&twice, Some(signature), body), Ok(()));
}

#[test]
fn debug_output_shows_no_secret_and_no_body() {
    let (body, signature) = VECTORS[0];
    let secrets = Secrets::parse(SECRET).unwrap();
    assert_eq!(format!("{secrets:?}"), "Secrets([REDACTED])");
    let signature = Signature::parse(Some(signature)).unwrap();
    let verified = secrets.verify(&signature, body.as_bytes()).unwrap();
    assert_eq!(format!("{verified:?}"), "Verified(10 bytes)");
}

//! Deliveries: any signed bytes go through the edge to the object that decides, and
//! the outcome is what the contract says.

use kombo_edge::contracts::objects::address::{Address, CustomerKey};
use kombo_edge::contracts::operator::settings::Config;
use kombo_edge::domain::audience::Audience;
use kombo_edge::domain::id::{IntegrationId, OriginId};
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::answer::{DeliveryOutcome, Refusal};
use kombo_edge::edge::delivery::{self, Received};
use serde::de::IgnoredAny;
use serde_json::Value;
use std::sync::LazyLock;

use crate::contract::{Fate, fate};
use crate::driven::Driven;
use crate::outside::config;
use crate::signing::signed;

static CONFIG: LazyLock<Config> = LazyLock::new(|| config(&[]));

const NOW: Timestamp = Timestamp::from_millis(1_795_420_800_000);

/// Delivers a signed body, and compares the outcome with the contract.
///
/// # Panics
/// If they differ.
pub fn check(body: &[u8]) {
    let received = delivery::receive(&CONFIG, &signed(body), body, NOW);
    let text = core::str::from_utf8(body).ok();
    let read = text.map(|text| text.strip_prefix('\u{feff}').unwrap_or(text));
    let (Some(text), Some(json)) = (text, read.filter(|it| is_json(it))) else {
        return assert!(matches!(received, Err(Refusal::NotJson(_))));
    };
    let found = found(&received, text);
    // Some JSON has no value here (1e999), although the edge may still read
    // what it needs from it.
    if let Ok(event) = serde_json::from_str::<Value>(&as_javascript_reads(json)) {
        assert_eq!(found, fate(&event));
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// A JSON text without escaped halves of surrogate pairs.
fn as_javascript_reads(text: &str) -> String {
    let mut read = String::new();
    let mut left = text;
    while let Some((before, escape)) = left.split_once('\\') {
        read.push_str(before);
        let mut units = Vec::new();
        left = escape;
        while let Some(digits) = left.strip_prefix('u').and_then(|it| it.get(..4)) {
            units.extend(u16::from_str_radix(digits, 16));
            left = &left[5..];
            match left.strip_prefix('\\') {
                Some(next) if next.starts_with('u') => left = next,
                _ => break,
            }
        }
        if units.is_empty() {
            let end = left.char_indices().nth(1).map_or(left.len(), |(at, _)| at);
            read.push('\\');
            read.push_str(&left[..end]);
            left = &left[end..];
        } else {
            let meant = Value::from(String::from_utf16_lossy(&units)).to_string();
            read.push_str(&meant[1..meant.len() - 1]);
        }
    }
    read + left
}

/// The outcome of a body.
fn found(received: &Result<Received, Refusal>, body: &str) -> Fate {
    let (address, message, line) = match received {
        Err(refusal) => panic!("a signed delivery is rejected: {refusal}"),
        Ok(Received::Ignored(_)) => return Fate::Ignored,
        Ok(Received::For {
            address,
            message,
            line,
        }) => (address, message, line),
    };
    let line = serde_json::to_string(line).expect("a line is JSON");
    // Too long to be in the line by accident, and only once in the body.
    if let Address::Integration(id) = address
        && id.as_str().len() >= 20
        && body.matches(id.as_str()).count() == 1
    {
        assert!(!line.contains(id.as_str()), "{line}");
    }
    let outcome = decided(address, message, body);
    if *address == Address::Notifier(Audience::Engineers) {
        assert_eq!(outcome, DeliveryOutcome::Quarantined);
        return Fate::Quarantined;
    }
    assert_eq!(outcome, DeliveryOutcome::Accepted);
    whom(address)
}

/// Whom an address names.
fn whom(address: &Address) -> Fate {
    let id = |id: &OriginId| id.as_str().to_owned();
    let integration = |id: &IntegrationId| id.as_str().to_owned();
    match address {
        Address::Integration(id) => Fate::Integration(integration(id)),
        Address::Customer(CustomerKey::Customer(customer)) => Fate::Customer(id(customer)),
        Address::Customer(CustomerKey::Organization(name)) => Fate::Organization(name.clone()),
        Address::Customer(CustomerKey::Environment) => Fate::Environment,
        Address::Customer(CustomerKey::Unknown(_))
        | Address::Notifier(_)
        | Address::Named(..)
        | Address::Object(..) => {
            panic!("an event went to {address:?}")
        }
    }
}

/// The reply of the object that the message is for, which was empty; the second time, it is
/// a duplicate.
fn decided(address: &Address, message: &str, body: &str) -> DeliveryOutcome {
    let envelope: Value = serde_json::from_str(message).expect("a message is JSON");
    let content = &envelope["message"];
    let is_kept = content["quarantine"]["body"].as_str() == Some(body);
    assert!(
        is_kept || content["event"]["event"].is_object(),
        "an event, or the body as it was signed: {message}"
    );
    let mut object = Driven::empty(address.class(), NOW);
    let mut handle = || {
        let reply = object.handle(&CONFIG.settings, message);
        let reply = reply.expect("an empty object has no row that cannot be read");
        DeliveryOutcome::of(&reply).expect("an event is answered")
    };
    let outcome = handle();
    assert_eq!(handle(), DeliveryOutcome::Duplicate);
    outcome
}

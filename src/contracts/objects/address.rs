//! The addresses of objects.
//!
//! An object's name is its kind, a slash, and the base64url of the SHA-256 of its id. So names contain
//! no personal data, cannot collide, and have a maximum length.

use serde::{Deserialize, Serialize};

use crate::contracts::kombo::EndUser;
use crate::domain::audience::Audience;
use crate::domain::id::{IntegrationId, MAX_KEY_BYTES, OriginId, sha256_base64url};

/// The name of the object of the Kombo environment.
const ENVIRONMENT: &str = "environment";

/// Characters of the hash in a name.
const HASH_BYTES: usize = 43;

/// What the names of the objects of customers with an id begin with.
pub const HOLDERS: &str = "customer/";

/// The three classes of objects, as paths name them: `integration`, `customer`, `notifier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// One per integration id.
    Integration,
    /// One per customer, organization without id, and environment.
    Customer,
    /// One per audience.
    Notifier,
}

impl TryFrom<String> for Class {
    type Error = ();

    fn try_from(text: String) -> Result<Self, ()> {
        match text.as_str() {
            "integration" => Ok(Self::Integration),
            "customer" => Ok(Self::Customer),
            "notifier" => Ok(Self::Notifier),
            _ => Err(()),
        }
    }
}

/// The customer, organization or environment of a Customer object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerKey {
    /// A customer that the company named.
    Customer(OriginId),
    /// An organization whose connection link had no customer id, by its name. It only collects
    /// incidents; a backend reads nothing of it.
    Organization(String),
    /// The unknown owner of an integration for which Kombo names neither customer nor organization.
    Unknown(IntegrationId),
    /// The Kombo environment as a whole.
    Environment,
}

impl CustomerKey {
    /// The subject of an event: the customer, otherwise the organization, otherwise the environment.
    #[must_use]
    pub fn of(end_user: &EndUser) -> Self {
        match (&end_user.origin_id, &end_user.organization_name) {
            (Some(origin_id), _) => Self::Customer(origin_id.clone()),
            (None, Some(name)) => Self::Organization(name.clone()),
            (None, None) => Self::Environment,
        }
    }

    /// The customer's id at the company, if there is one.
    #[must_use]
    pub fn origin_id(&self) -> Option<&OriginId> {
        match self {
            Self::Customer(origin_id) => Some(origin_id),
            Self::Organization(_) | Self::Unknown(_) | Self::Environment => None,
        }
    }

    /// The object's name: `customer/…`, `organization/…`, `unknown/…`, or `environment`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Customer(origin_id) => hashed("customer", origin_id.as_str()),
            Self::Organization(name) => hashed("organization", name),
            Self::Unknown(integration) => hashed("unknown", integration.as_str()),
            Self::Environment => ENVIRONMENT.to_owned(),
        }
    }
}

/// The Workers KV key of an incident, which names its object, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentKey {
    owner: String,
    incident: String,
}

impl TryFrom<String> for IncidentKey {
    type Error = ();

    fn try_from(text: String) -> Result<Self, ()> {
        let rest = text.strip_prefix("incident:").ok_or(())?;
        let (owner, incident) = rest.split_once(':').ok_or(())?;
        let kinds = ["customer/", "organization/", "unknown/"];
        let is_hashed = kinds.into_iter().any(|kind| {
            let hash = owner.strip_prefix(kind);
            hash.is_some_and(|hash| hash.len() == HASH_BYTES)
        });
        let is_key = (is_hashed || owner == ENVIRONMENT) && text.len() <= MAX_KEY_BYTES;
        is_key
            .then(|| Self {
                owner: owner.to_owned(),
                incident: incident.to_owned(),
            })
            .ok_or(())
    }
}

impl IncidentKey {
    /// The object that keeps the incident.
    #[must_use]
    pub fn owner(&self) -> Address {
        Address::Named(Class::Customer, self.owner.clone())
    }

    /// The key.
    #[must_use]
    pub fn text(&self) -> String {
        format!("incident:{}:{}", self.owner, self.incident)
    }

    /// The name of the incident among those of its object.
    #[must_use]
    pub fn incident(&self) -> &str {
        &self.incident
    }
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The object of one integration.
    Integration(IntegrationId),
    /// The object of one customer.
    Customer(CustomerKey),
    /// The object of one audience.
    Notifier(Audience),
    /// The object of a class that has this name: the one in the key of an incident.
    Named(Class, String),
    /// The object with this id, as the platform names it.
    Object(Class, ObjectId),
}

/// The platform's id of an object: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectId(String);

impl TryFrom<String> for ObjectId {
    type Error = ();

    fn try_from(text: String) -> Result<Self, ()> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let is_id = text.len() == 64 && text.bytes().all(hex);
        is_id.then_some(Self(text)).ok_or(())
    }
}

impl Address {
    /// The class of the object.
    #[must_use]
    pub fn class(&self) -> Class {
        match self {
            Self::Integration(_) => Class::Integration,
            Self::Customer(_) => Class::Customer,
            Self::Notifier(_) => Class::Notifier,
            Self::Named(class, _) | Self::Object(class, _) => *class,
        }
    }

    /// The name of the object, unique within its class, at most 56 bytes; or its id, which is not
    /// mistaken for a name because it has 64 digits and no slash.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Integration(id) => hashed("integration", id.as_str()),
            Self::Customer(key) => key.name(),
            Self::Notifier(audience) => format!("notifier/{}", audience.as_str()),
            Self::Named(_, name) => name.clone(),
            Self::Object(_, ObjectId(id)) => id.clone(),
        }
    }
}

fn hashed(kind: &str, id: &str) -> String {
    format!("{kind}/{}", sha256_base64url(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: &str) -> CustomerKey {
        CustomerKey::Customer(OriginId::try_from(id.to_owned()).unwrap())
    }

    #[test]
    fn names_are_the_kind_and_a_hash_of_the_id() {
        // printf 36123 | openssl dgst -sha256 -binary | basenc --base64url
        assert_eq!(
            customer("36123").name(),
            "customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g"
        );
    }

    #[test]
    fn an_organization_never_shares_an_object_with_a_customer_of_the_same_text() {
        assert_ne!(
            customer("Acme").name(),
            CustomerKey::Organization("Acme".to_owned()).name()
        );
    }
}

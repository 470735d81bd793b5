//! Where objects live: one of Cloudflare's jurisdictions, or anywhere.
//!
//! It is part of an object's identity: each jurisdiction has its own object of the same name. So an
//! invalid setting must not count as the default, which would create new, empty objects and hide
//! every mapping: nothing is stored until it is corrected.

/// The jurisdiction of the objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jurisdiction {
    /// Near the first request to each.
    Default,
    /// In a jurisdiction, by the platform's name for it.
    In(&'static str),
    /// The setting is not a jurisdiction of the platform.
    Invalid,
}

/// The platform's jurisdictions.
const KNOWN: [&str; 4] = ["eu", "us", "fedramp", "fedramp-high"];

impl Jurisdiction {
    /// The jurisdiction of this name.
    pub(super) fn within(name: &str) -> Option<Self> {
        let known = KNOWN.into_iter().find(|known| *known == name);
        known.map(Self::In)
    }

    /// The platform's name for it, empty for the default; `None` if objects must not be looked up.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Default => Some(""),
            Self::In(name) => Some(name),
            Self::Invalid => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::operator::settings::{Config, Fault, JURISDICTION, Problem};

    fn parse(jurisdiction: Option<&str>) -> Config {
        Config::parse(|name| match name {
            JURISDICTION => jurisdiction.map(str::to_owned),
            _ => Some("https://hooks.slack.com/services/T000/B000/x".to_owned()),
        })
    }

    fn fault(config: &Config) -> Option<&Fault> {
        config.faults.iter().find(|it| it.name == JURISDICTION)
    }

    #[test]
    fn objects_have_no_jurisdiction_unless_one_is_named() {
        for blank in [None, Some(""), Some(" \n")] {
            let config = parse(blank);
            assert_eq!(config.jurisdiction, Jurisdiction::Default);
            assert_eq!(fault(&config), None);
        }
        for name in ["eu", "us", "fedramp", "fedramp-high"] {
            let config = parse(Some(name));
            assert_eq!(config.jurisdiction.name(), Some(name));
            assert_eq!(fault(&config), None);
        }
    }

    #[test]
    fn an_unknown_jurisdiction_is_invalid_and_stops_the_intake() {
        for name in ["EU", "eu us", "europe", "\u{feff}", "none"] {
            let config = parse(Some(name));
            assert_eq!(config.jurisdiction, Jurisdiction::Invalid, "{name:?}");
            assert_eq!(config.jurisdiction.name(), None);
            let fault = fault(&config).unwrap();
            assert_eq!(fault.problem, Problem::BadJurisdiction);
            assert!(fault.stops_intake());
        }
    }
}

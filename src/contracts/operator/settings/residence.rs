//! Where objects live: one of Cloudflare's jurisdictions, or anywhere.
//!
//! It is part of an object's identity: under the same name there is another
//! object in each. So a setting that nobody understands must not count as its
//! default, which would make all objects anew and lose every mapping from sight:
//! then there is no place at all, and nothing is stored until it is mended.

/// Where objects live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residence {
    /// Near where the first word to each comes from.
    Anywhere,
    /// In a jurisdiction, by the platform's name of it.
    Within(&'static str),
    /// Nobody knows: the setting is none that the platform is known to have.
    Nowhere,
}

/// The platform's jurisdictions.
const KNOWN: [&str; 4] = ["eu", "us", "fedramp", "fedramp-high"];

impl Residence {
    /// The jurisdiction of this name.
    pub(super) fn within(name: &str) -> Option<Self> {
        let known = KNOWN.into_iter().find(|known| *known == name);
        known.map(Self::Within)
    }

    /// The jurisdiction in which objects are looked for, the empty text where there
    /// is none; nothing if they must not be looked for at all.
    #[must_use]
    pub fn jurisdiction(self) -> Option<&'static str> {
        match self {
            Self::Anywhere => Some(""),
            Self::Within(name) => Some(name),
            Self::Nowhere => None,
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
    fn objects_live_anywhere_unless_a_jurisdiction_is_named() {
        for blank in [None, Some(""), Some(" \n")] {
            let config = parse(blank);
            assert_eq!(config.residence, Residence::Anywhere);
            assert_eq!(fault(&config), None);
        }
        for name in ["eu", "us", "fedramp", "fedramp-high"] {
            let config = parse(Some(name));
            assert_eq!(config.residence.jurisdiction(), Some(name));
            assert_eq!(fault(&config), None);
        }
    }

    #[test]
    fn an_unknown_jurisdiction_is_no_place_and_stops_the_intake() {
        for name in ["EU", "eu us", "europe", "\u{feff}", "none"] {
            let config = parse(Some(name));
            assert_eq!(config.residence, Residence::Nowhere, "{name:?}");
            assert_eq!(config.residence.jurisdiction(), None);
            let fault = fault(&config).unwrap();
            assert_eq!(fault.problem, Problem::BadJurisdiction);
            assert!(fault.stops_intake());
        }
    }
}

//! The names of tools, as people write them.
//!
//! Kombo names a tool by a slug, `successfactors`. Only those stand here of whose
//! name the slug alone gives no good idea; every other is shown with a capital,
//! and so is one that Kombo adds tomorrow.

/// Slugs and names of Kombo's lists of connectors, by slug.
const NAMES: [(&str, &str); 24] = [
    ("360learning", "360Learning"),
    ("a3innuvanomina", "a3innuva Nómina"),
    ("abacusumantis", "Abacus Umantis"),
    ("absenceio", "Absence.io"),
    ("adpdecidium", "ADP Decidium"),
    ("adpworkforcenow", "ADP Workforce Now"),
    ("afas", "AFAS Software"),
    ("applicantstack", "ApplicantStack"),
    ("avionte", "Avionté"),
    ("bamboohr", "BambooHR"),
    ("bite", "BITE"),
    ("breezyhr", "Breezy HR"),
    ("compleetpitcher", "Compleet"),
    ("cornerstoneondemand", "Cornerstone OnDemand"),
    ("employmenthero", "Employment Hero"),
    ("hibob", "HiBob"),
    ("hoorayhr", "HoorayHR"),
    ("jazzhr", "JazzHR"),
    ("kiwihr", "kiwiHR"),
    ("sagepeople", "Sage People"),
    ("sandbox", "Kombo Sandbox"),
    ("sapling", "Kallidus (Sapling)"),
    ("successfactors", "SAP SuccessFactors"),
    ("ukgpro", "UKG Pro"),
];

/// The name of the tool with this slug.
pub(super) fn name(slug: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(of, _)| *of == slug) {
        return (*name).to_owned();
    }
    let mut letters = slug.chars();
    let first = letters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string());
    format!("{}{}", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_tools_are_written_as_people_write_them() {
        assert_eq!(name("successfactors"), "SAP SuccessFactors");
        assert_eq!(name("bamboohr"), "BambooHR");
        assert_eq!(name("360learning"), "360Learning");
    }

    #[test]
    fn any_other_tool_gets_a_capital_and_is_else_left_as_it_is() {
        assert_eq!(name("personio"), "Personio");
        assert_eq!(name("über-tool 2"), "über-tool 2");
        assert_eq!(name(""), "");
    }

    #[test]
    fn each_slug_stands_once_and_in_order() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}

//! The names of tools, as Kombo labels them and customers know them.
//!
//! Kombo identifies a tool by a slug, such as `successfactors`. `tools.txt` has the name of each
//! slug that the newest SDK of Kombo knows; a test compares them. A slug that Kombo adds later is
//! shown as Kombo spells it.

/// A slug and its name per line, in the order of the slugs. It is one string because a table of
/// pairs would take twice the space in the module.
const NAMES: &str = include_str!("tools.txt");

/// The name of the tool with this slug.
pub(super) fn name(slug: &str) -> String {
    let mut known = NAMES.lines().filter_map(|line| line.split_once(' '));
    if let Some((_, name)) = known.find(|(of, _)| *of == slug) {
        return name.to_owned();
    }
    slug.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_have_the_names_that_customers_know() {
        for (slug, shown) in [
            ("successfactors", "SAP SuccessFactors"),
            ("personio", "Personio"),
            ("360learning", "360Learning"),
            ("piloga", "P&I Loga"),
            ("datevlug", "DATEV Lohn & Gehalt"),
            ("welcometothejungle", "Welcome to the Jungle"),
            ("scim", "SCIM"),
            ("zvooverecruit", "Zvoove Recruit"),
        ] {
            assert_eq!(name(slug), shown);
        }
    }

    #[test]
    fn a_tool_that_is_not_known_is_shown_as_kombo_spells_it() {
        for slug in ["newtool", "über-tool 2", ""] {
            assert_eq!(name(slug), slug);
        }
    }

    #[test]
    fn each_slug_appears_once_and_in_order() {
        let lines: Vec<(&str, &str)> = NAMES
            .lines()
            .map(|line| line.split_once(' ').unwrap())
            .collect();
        assert!(lines.len() > 200);
        assert!(lines.is_sorted_by(|one, next| one.0 < next.0));
        assert!(
            lines
                .iter()
                .all(|(_, name)| name.trim() == *name && !name.is_empty())
        );
    }
}

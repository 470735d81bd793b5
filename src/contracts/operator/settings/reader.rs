//! Reads single settings, and notes those that cannot be used.

use super::{ENVIRONMENT, Fault, JURISDICTION, Jurisdiction, PRODUCTION, Problem};

/// Longest name of an environment, in bytes, because every document has it.
const MAX_ENVIRONMENT_BYTES: usize = 64;

/// Looks settings up, and notes what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) faults: Vec<Fault>,
}

impl Reader<'_> {
    pub(super) fn note(&mut self, name: &'static str, problem: Problem) {
        self.faults.push(Fault { name, problem });
    }

    /// The text of a setting; `None` if it is blank.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?.trim().to_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    /// The value of a setting, `None` if it is blank. One that cannot be used is noted.
    pub(super) fn read<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Option<T>,
        problem: Problem,
    ) -> Option<T> {
        let value = parse(&self.text(name)?);
        if value.is_none() {
            self.note(name, problem);
        }
        value
    }

    /// The jurisdiction of the objects. An invalid setting does not count as the default.
    pub(super) fn jurisdiction(&mut self) -> Jurisdiction {
        if self.text(JURISDICTION).is_none() {
            return Jurisdiction::Default;
        }
        let jurisdiction = self.read(JURISDICTION, Jurisdiction::within, Problem::BadJurisdiction);
        jurisdiction.unwrap_or(Jurisdiction::Invalid)
    }

    /// The environment. A blank one is a fault, since the variable is set.
    pub(super) fn environment(&mut self) -> String {
        match (self.lookup)(ENVIRONMENT).map(|text| text.trim().to_owned()) {
            None => PRODUCTION.to_owned(),
            Some(text) if (1..=MAX_ENVIRONMENT_BYTES).contains(&text.len()) => text,
            Some(_) => {
                self.note(ENVIRONMENT, Problem::BadEnvironment);
                PRODUCTION.to_owned()
            }
        }
    }
}

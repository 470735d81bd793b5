//! `GET /v1/status`: the status of both Notifiers, in one document.

use serde::Serialize;

use crate::contracts::operator::settings::Settings;
use crate::domain::json::{Json, to_json};
use crate::edge::answer::Answer;

#[derive(Serialize)]
struct Status<'a> {
    version: &'static str,
    environment: &'a str,
    watch: &'a Json,
    team: &'a Json,
    engineers: &'a Json,
}

/// The answer; `None` if the engineers' Notifier reports less than it should.
pub(super) fn answer(settings: &Settings, team: &[Json], engineers: &[Json]) -> Option<Answer> {
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        environment: &settings.environment,
        watch: engineers.get(1)?,
        team: team.first()?,
        engineers: engineers.first()?,
    };
    Some(Answer::json(&to_json(&status)))
}

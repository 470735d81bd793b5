//! What is said to engineers: of integrations that need a decision, of events that
//! could not be understood, and of this Worker itself.

use super::draft::{Draft, MAX_VALUE, Part, Words, name, tool_and_category};
use super::text::{date, line, span};
use crate::domain::alert::{Concern, Notice, What};
use crate::domain::id::OriginId;

pub(super) fn draft(words: Words<'_>) -> Draft {
    let (title, facts) = match &words.alert.what {
        What::Quarantined { kind, reason } => (
            format!(
                "A Kombo event could not be understood: {}",
                line(kind, MAX_VALUE)
            ),
            vec![
                format!("Reason: {}", line(reason, MAX_VALUE)),
                "It is kept under quarantine: in Workers KV until somebody retries or dismisses it (see /v1/quarantine). Further ones of this type and reason are kept without a message.".to_owned(),
            ],
        ),
        What::Notice(notice) => of_this_worker(words, notice),
        What::Test => (
            "This is a test: alerts arrive here".to_owned(),
            vec!["Somebody asked for it through the API. There is nothing to do.".to_owned()],
        ),
        what => match of_an_integration(words, what) {
            Some(said) => said,
            None => return Draft::default(),
        },
    };
    let facts = Part::Plain(facts.join("\n"));
    Draft::titled(title, vec![facts, Part::Own(date(words.alert.at))])
}

/// Whose an integration is.
fn of_an_integration(words: Words<'_>, what: &What) -> Option<(String, Vec<String>)> {
    let (title, handle, facts) = match what {
        What::Unassigned { connection, handle } => {
            let (who, tool) = (name(&words.alert.who), tool_and_category(connection));
            let title = format!("{who} connected {tool} without a customer id");
            let why =
                "Kombo named no end_user.origin_id, so the backend cannot find it. Assign it:";
            let remedy = format!("npm run assign -- {handle} --origin-id <customer id>");
            (title, handle, vec![why.to_owned(), remedy])
        }
        What::Disputed {
            connection,
            handle,
            holder,
            claimant,
        } => {
            let tool = tool_and_category(connection);
            let title = format!("Two customers are named for one {tool} integration");
            let facts = vec![
                format!("Held by customer: {}", whose(Some(holder))),
                format!("Now named too: {}", whose(Some(claimant))),
                "Nothing was moved. Find out whose it is; if it is not the holder's:".to_owned(),
                format!("npm run assign -- {handle} --held-by <holder> --origin-id <customer id>"),
            ];
            (title, handle, facts)
        }
        What::Reassigned {
            connection,
            handle,
            from,
            to,
        } => {
            let tool = tool_and_category(connection);
            let title = format!("The customer of an integration was changed: {tool}");
            let facts = vec![
                format!("Held before by customer: {}", whose(from.as_ref())),
                format!("Held now by customer: {}", whose(to.as_ref())),
                "Somebody decided so through the API.".to_owned(),
            ];
            (title, handle, facts)
        }
        What::Missing {
            connection, handle, ..
        } => {
            let (who, tool) = (name(&words.alert.who), tool_and_category(connection));
            let title = format!("Kombo no longer knows an integration of {who}: {tool}");
            let facts = vec![
                "It was asked twice, a day apart. Nothing was removed: a lost integration-deleted is likely.".to_owned(),
                "If it is gone: DELETE /v1/integrations/{integration_id}.".to_owned(),
            ];
            (title, handle, facts)
        }
        _ => return None,
    };
    let facts = [format!("Integration: #{handle}")].into_iter().chain(facts);
    Some((title, facts.collect()))
}

fn whose(customer: Option<&OriginId>) -> String {
    customer.map_or_else(|| "none".to_owned(), |id| line(id.as_str(), MAX_VALUE))
}

fn of_this_worker(words: Words<'_>, notice: &Notice) -> (String, Vec<String>) {
    let Notice {
        about,
        over,
        count,
        since,
        reason,
    } = notice;
    let lasted = span(words.alert.at.since(*since));
    let reason = line(reason, MAX_VALUE);
    let text = str::to_owned;
    match (about, over) {
        (Concern::Slack, false) => (
            text("Slack does not take the team's alerts"),
            vec![
                reason,
                format!("{count} waiting. Nothing is lost: all goes out when Slack takes it."),
            ],
        ),
        (Concern::Slack, true) => (
            format!("Slack takes the team's alerts again, after {lasted}"),
            vec![format!("{count} still waiting, and going out now.")],
        ),
        (Concern::Kv, false) => (
            format!("Workers KV is late: what the backend reads of {count} customers is old"),
            vec![
                reason,
                text(
                    "Nothing is lost: the documents are written as soon as Workers KV takes them.",
                ),
            ],
        ),
        (Concern::Kv, true) => (
            format!("Workers KV is up to date again, after {lasted}"),
            vec![text(
                "The backend reads the present documents of all customers.",
            )],
        ),
        (Concern::Signatures, _) => (
            format!("{count} deliveries were refused: nobody here signed them"),
            vec![
                format!("And no valid one came for {lasted}."),
                text(
                    "If the webhook secret was changed in Kombo, set the new one: `wrangler secret put KOMBO_WEBHOOK_SECRET`. Two secrets may stand in it, separated by a space. Else somebody tries the address.",
                ),
            ],
        ),
        (Concern::Silence, _) => (
            format!("Kombo has delivered nothing for {lasted}"),
            vec![text(
                "That may be quiet days. To be sure, look in Kombo's dashboard, under Configuration, Webhooks, whether the webhook is there and leads here.",
            )],
        ),
    }
}

//! The words for engineers: about integrations that need a decision, events that could
//! not be understood, and this Worker itself.

use super::draft::{Draft, MAX_VALUE, Part, Words, name, tool_and_category};
use super::text::{counted, date, line, span};
use crate::domain::alert::{AlertKind, HealthTopic, Notice};
use crate::domain::id::OriginId;

pub(super) fn draft(words: Words<'_>) -> Draft {
    let (title, facts) = match &words.alert.what {
        AlertKind::Quarantined { kind, reason } => (
            format!(
                "A Kombo event could not be understood: {}",
                line(kind, MAX_VALUE)
            ),
            vec![
                format!("Reason: {}", line(reason, MAX_VALUE)),
                "The event stays in quarantine until someone retries or dismisses it (see /v1/quarantine). Further events with this type and reason are stored without another message.".to_owned(),
            ],
        ),
        AlertKind::Notice(notice) => of_this_worker(words, notice),
        AlertKind::Test => (
            "This is a test: alerts reach this channel".to_owned(),
            vec!["Someone sent it through the API. There is nothing to do.".to_owned()],
        ),
        what => match of_an_integration(words, what) {
            Some(said) => said,
            None => return Draft::default(),
        },
    };
    let facts = Part::Plain(facts.join("\n"));
    Draft::titled(title, vec![facts, Part::Own(date(words.alert.at))])
}

/// Alerts about which customer an integration belongs to.
fn of_an_integration(words: Words<'_>, what: &AlertKind) -> Option<(String, Vec<String>)> {
    let (title, handle, facts) = match what {
        AlertKind::Unassigned { connection, handle } => {
            let (who, tool) = (name(&words.alert.who), tool_and_category(connection));
            let title = format!("{who} connected {tool} without a customer id");
            let why = "Kombo sent no end_user.origin_id, so the backend cannot find this integration. Assign it:";
            let remedy = format!("npm run assign -- {handle} --origin-id <customer id>");
            (title, handle, vec![why.to_owned(), remedy])
        }
        AlertKind::Disputed {
            connection,
            handle,
            holder,
            claimant,
        } => {
            let tool = tool_and_category(connection);
            let title = format!("Two customers are named for one integration: {tool}");
            let facts = vec![
                format!("Holder: {}", customer(Some(holder))),
                format!("Also named: {}", customer(Some(claimant))),
                "Nothing was moved. Find out which customer it belongs to. If it is not the holder, move it:".to_owned(),
                format!("npm run assign -- {handle} --held-by <holder> --origin-id <customer id>"),
            ];
            (title, handle, facts)
        }
        AlertKind::Reassigned {
            connection,
            handle,
            from,
            to,
        } => {
            let tool = tool_and_category(connection);
            let title = format!("An integration was reassigned: {tool}");
            let facts = vec![
                format!("Previous: {}", customer(from.as_ref())),
                format!("Now: {}", customer(to.as_ref())),
                "The change was made through the API. If someone on your team made it, there is nothing to do.".to_owned(),
            ];
            (title, handle, facts)
        }
        AlertKind::Missing {
            connection, handle, ..
        } => {
            let (who, tool) = (name(&words.alert.who), tool_and_category(connection));
            let title = format!("{who}: {tool} no longer exists in Kombo");
            let facts = vec![
                "Kombo was asked twice, a day apart, and did not find the integration. An integration-deleted webhook was probably lost. Nothing was removed here.".to_owned(),
                "Check Kombo's dashboard. If the integration is gone there too, remove it here:\nDELETE /v1/integrations/{integration_id}".to_owned(),
            ];
            (title, handle, facts)
        }
        _ => return None,
    };
    let facts = [format!("Integration: #{handle}")].into_iter().chain(facts);
    Some((title, facts.collect()))
}

fn customer(id: Option<&OriginId>) -> String {
    id.map_or_else(
        || "no customer".to_owned(),
        |id| format!("customer {}", line(id.as_str(), MAX_VALUE)),
    )
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
        (HealthTopic::Slack, false) => (
            text("Slack is not accepting the team's alerts"),
            vec![
                reason,
                format!(
                    "{} waiting. Nothing is lost: they are sent as soon as Slack accepts them.",
                    counted(*count, "alert")
                ),
            ],
        ),
        (HealthTopic::Slack, true) => (
            format!("Slack accepts the team's alerts again after {lasted}"),
            vec![format!(
                "{} still waiting. They are being sent now.",
                counted(*count, "alert")
            )],
        ),
        (HealthTopic::Kv, false) => (
            format!(
                "Workers KV is behind: the backend sees stale data for {}",
                counted(*count, "customer")
            ),
            vec![
                reason,
                text("Nothing is lost: the data is written as soon as Workers KV accepts it."),
            ],
        ),
        (HealthTopic::Kv, true) => (
            format!("Workers KV is up to date again after {lasted}"),
            vec![text("The backend sees current data for all customers.")],
        ),
        (HealthTopic::Signatures, _) => {
            rejected(*count, "invalid signature", &lasted, WRONG_SIGNATURES)
        }
        (HealthTopic::SignatureForm, _) => rejected(
            *count,
            "unknown form of signature",
            &lasted,
            MALFORMED_SIGNATURES,
        ),
        (HealthTopic::Unsigned, _) => rejected(*count, "no signature", &lasted, NO_SIGNATURES),
        (HealthTopic::Silence, _) => (
            format!("Kombo has not sent anything for {lasted}"),
            vec![text(
                "It may just be a quiet time. To be sure, open Configuration, Webhooks in Kombo's dashboard, and check that the webhook exists and points to this Worker.",
            )],
        ),
    }
}

const WRONG_SIGNATURES: &str = "If the webhook secret was changed in Kombo, set the new one: `wrangler secret put KOMBO_WEBHOOK_SECRET`. It can hold two secrets, separated by a space. Otherwise, someone may be probing the URL.";
const MALFORMED_SIGNATURES: &str = "Kombo's signature is 43 characters of base64url. These were something else: hexadecimal, with a prefix such as `sha256=`, or repeated. If Kombo sent them, it has changed its signatures, or something in front of this Worker changes the header X-Kombo-Signature. Otherwise, someone may be probing the URL.";
const NO_SIGNATURES: &str = "Scanners send such requests, and Kombo never does. If Kombo's events are missing, check whether something in front of this Worker removes the header X-Kombo-Signature.";

/// What to say about rejected deliveries.
fn rejected(count: u64, why: &str, lasted: &str, remedy: &str) -> (String, Vec<String>) {
    let title = format!("{} rejected: {why}", deliveries(count));
    let since = format!("No valid delivery arrived for {lasted}.");
    (title, vec![since, remedy.to_owned()])
}

fn deliveries(count: u64) -> String {
    if count == 1 {
        "1 delivery".to_owned()
    } else {
        format!("{count} deliveries")
    }
}

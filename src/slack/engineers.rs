//! What is said to engineers: of integrations that need a decision, of events that
//! could not be understood, and of this Worker itself.

use super::draft::{Draft, MAX_VALUE, Part, Words, name, tool_and_category};
use super::text::{date, line, span};
use crate::alert::{Concern, Notice, What};

pub(super) fn draft(words: Words<'_>) -> Draft {
    let at = words.alert.at;
    let (title, facts) = match &words.alert.what {
        What::Unassigned { connection, handle } => (
            format!(
                "{} connected {} without a customer id",
                name(&words.alert.who),
                tool_and_category(connection)
            ),
            vec![
                format!("Integration: #{handle}"),
                "Kombo named no end_user.origin_id, so the backend cannot find it. It waits under unassigned: in Workers KV until somebody assigns it.".to_owned(),
            ],
        ),
        What::Disputed {
            connection,
            handle,
            holder,
            claimant,
        } => (
            format!(
                "Two customers are named for one {} integration",
                tool_and_category(connection)
            ),
            vec![
                format!("Integration: #{handle}"),
                format!("Held by customer: {}", line(holder.as_str(), MAX_VALUE)),
                format!("Now named too: {}", line(claimant.as_str(), MAX_VALUE)),
                "Nothing was moved. Find out whose it is.".to_owned(),
            ],
        ),
        What::Quarantined { kind, reason } => (
            format!(
                "A Kombo event could not be understood: {}",
                line(kind, MAX_VALUE)
            ),
            vec![
                format!("Reason: {}", line(reason, MAX_VALUE)),
                "It is kept under quarantine: in Workers KV. Further ones of this type and reason are kept without a message.".to_owned(),
            ],
        ),
        What::Notice(notice) => of_this_worker(words, notice),
        _ => return Draft::default(),
    };
    let facts = Part::Plain(facts.join("\n"));
    Draft::titled(title, vec![facts, Part::Own(date(at))])
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

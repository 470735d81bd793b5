//! The words for engineers: about integrations that need a decision, events that could
//! not be understood, and this Worker itself.

use super::draft::{Draft, MAX_VALUE, Mood, Part, Words, name, tool_and_category};
use super::text::{counted, date, line, span};
use crate::domain::alert::{AlertKind, HealthTopic, Notice};
use crate::domain::id::{Handle, OriginId};

/// A message but for the time at its end.
type Said = (Mood, String, Vec<Part>);

pub(super) fn draft(words: Words<'_>) -> Draft {
    let said = match &words.alert.what {
        AlertKind::Quarantined { kind, reason } => quarantined(kind, reason),
        AlertKind::Notice(notice) => of_this_worker(words, notice),
        AlertKind::Test => (
            Mood::Info,
            "This is a test: alerts reach this channel".to_owned(),
            vec![text(
                "Someone sent it through the API. There is nothing to do.",
            )],
        ),
        what => match of_an_integration(words, what) {
            Some(said) => said,
            None => return Draft::default(),
        },
    };
    let (mood, title, mut parts) = said;
    parts.push(Part::Own(date(words.alert.at)));
    Draft::new(mood, title, parts)
}

fn text(text: &str) -> Part {
    Part::Plain(text.to_owned())
}

fn quarantined(kind: &str, reason: &str) -> Said {
    let kind = line(kind, MAX_VALUE);
    let title = format!("A Kombo event could not be understood: {kind}");
    let facts = format!(
        "Reason: {}\nThe event stays in quarantine until someone retries or dismisses it. Further events with this type and reason are stored without another message. To see them:",
        line(reason, MAX_VALUE)
    );
    let command = "npx kombo-edge ask GET /v1/quarantine".to_owned();
    let parts = vec![Part::Plain(facts), Part::Code(command)];
    (Mood::Attention, title, parts)
}

/// Alerts about which customer an integration belongs to.
fn of_an_integration(words: Words<'_>, what: &AlertKind) -> Option<Said> {
    let who = || name(&words.alert.who);
    Some(match what {
        AlertKind::Unassigned { connection, handle } => {
            let tool = tool_and_category(connection);
            let title = format!("{} connected {tool} without a customer id", who());
            let facts = "Kombo sent no end_user.origin_id, so the backend cannot find this integration. Assign it:";
            let command = format!("npx kombo-edge assign {handle} --origin-id <customer id>");
            let parts = vec![about(handle, facts), Part::Code(command)];
            (Mood::Attention, title, parts)
        }
        AlertKind::Disputed {
            connection,
            handle,
            holder,
            claimant,
        } => {
            let tool = tool_and_category(connection);
            let title = format!("Two customers are named for one integration: {tool}");
            let facts = format!(
                "Holder: {}\nAlso named: {}\nNothing was moved. Find out which customer it belongs to. If it is not the holder, move it:",
                customer(Some(holder)),
                customer(Some(claimant))
            );
            let command = format!(
                "npx kombo-edge assign {handle} --held-by <holder> --origin-id <customer id>"
            );
            let parts = vec![about(handle, &facts), Part::Code(command)];
            (Mood::Attention, title, parts)
        }
        AlertKind::Reassigned {
            connection,
            handle,
            from,
            to,
        } => {
            let tool = tool_and_category(connection);
            let title = format!("An integration was reassigned: {tool}");
            let facts = format!(
                "Previous: {}\nNow: {}\nThe change was made through the API. If someone on your team made it, there is nothing to do.",
                customer(from.as_ref()),
                customer(to.as_ref())
            );
            (Mood::Info, title, vec![about(handle, &facts)])
        }
        AlertKind::Missing {
            connection, handle, ..
        } => {
            let tool = tool_and_category(connection);
            let title = format!("{}: {tool} no longer exists in Kombo", who());
            let facts = "Kombo was asked twice, a day apart, and did not find the integration. An integration-deleted webhook was probably lost. Nothing was removed here.\nCheck Kombo's dashboard. If the integration is gone there too, remove it here:";
            let command = "npx kombo-edge ask DELETE /v1/integrations/<integration id>".to_owned();
            let parts = vec![about(handle, facts), Part::Code(command)];
            (Mood::Attention, title, parts)
        }
        _ => return None,
    })
}

fn about(handle: &Handle, facts: &str) -> Part {
    Part::Plain(format!("Integration: #{handle}\n{facts}"))
}

fn customer(id: Option<&OriginId>) -> String {
    id.map_or_else(
        || "no customer".to_owned(),
        |id| format!("customer {}", line(id.as_str(), MAX_VALUE)),
    )
}

fn of_this_worker(words: Words<'_>, notice: &Notice) -> Said {
    let lasted = span(words.alert.at.since(notice.since));
    let reason = line(&notice.reason, MAX_VALUE);
    let count = notice.count;
    match (notice.about, notice.over) {
        (HealthTopic::Slack, false) => {
            let title = "Slack is not accepting the team's alerts".to_owned();
            let parts = vec![Part::Plain(format!("{reason}.\n{}", waiting(count)))];
            (Mood::Bad, title, parts)
        }
        (HealthTopic::Slack, true) => {
            let title = format!("Slack accepts the team's alerts again after {lasted}");
            let facts = match count {
                0 => "No alert is waiting anymore.".to_owned(),
                1 => "1 alert was still waiting. It is being sent now.".to_owned(),
                many => format!("{many} alerts were still waiting. They are being sent now."),
            };
            (Mood::Good, title, vec![Part::Plain(facts)])
        }
        (HealthTopic::Kv, false) => {
            let of = match count {
                0 => String::new(),
                count => format!(" for {}", counted(count, "customer")),
            };
            let title = format!("Workers KV is behind: the backend sees stale data{of}");
            let facts = format!(
                "{reason}.\nNothing is lost: the data is written as soon as Workers KV accepts it."
            );
            (Mood::Bad, title, vec![Part::Plain(facts)])
        }
        (HealthTopic::Kv, true) => (
            Mood::Good,
            format!("Workers KV is up to date again after {lasted}"),
            vec![text("The backend sees current data for all customers.")],
        ),
        (HealthTopic::Signatures, _) => {
            let command = "npx wrangler secret put KOMBO_WEBHOOK_SECRET --name <the Worker's name>"
                .to_owned();
            let (mood, title, mut parts) =
                rejected(count, "invalid signature", &lasted, WRONG_SIGNATURES);
            parts.push(Part::Code(command));
            (mood, title, parts)
        }
        (HealthTopic::SignatureForm, _) => rejected(
            count,
            "unknown form of signature",
            &lasted,
            MALFORMED_SIGNATURES,
        ),
        (HealthTopic::Unsigned, _) => rejected(count, "no signature", &lasted, NO_SIGNATURES),
        (HealthTopic::Silence, _) => (
            Mood::Attention,
            format!("Kombo has not sent anything for {lasted}"),
            vec![text(
                "It may just be a quiet time. To be sure, open Configuration, Webhooks in Kombo's dashboard, and check that the webhook exists and points to this Worker.",
            )],
        ),
    }
}

const WRONG_SIGNATURES: &str = "If the webhook secret was changed in Kombo, set the new one. It can hold two secrets, separated by a space. Otherwise, someone may be probing the URL.";
const MALFORMED_SIGNATURES: &str = "Kombo's signature is 43 characters of base64url. These were something else: hexadecimal, with a prefix such as `sha256=`, or repeated. If Kombo sent them, it has changed its signatures, or something in front of this Worker changes the header X-Kombo-Signature. Otherwise, someone may be probing the URL.";
const NO_SIGNATURES: &str = "Scanners send such requests, and Kombo never does. If Kombo's events are missing, check whether something in front of this Worker removes the header X-Kombo-Signature.";

/// What to say about rejected deliveries.
fn rejected(count: u64, why: &str, lasted: &str, remedy: &str) -> Said {
    let title = format!("{} rejected: {why}", deliveries(count));
    let facts = format!("No valid delivery arrived for {lasted}.\n{remedy}");
    (Mood::Attention, title, vec![Part::Plain(facts)])
}

/// What waits while Slack accepts nothing.
fn waiting(count: u64) -> String {
    let waits = match count {
        0 => "No alert is waiting yet.".to_owned(),
        1 => "1 alert is waiting.".to_owned(),
        many => format!("{many} alerts are waiting."),
    };
    format!("{waits} Nothing is lost: alerts are sent as soon as Slack accepts them.")
}

fn deliveries(count: u64) -> String {
    match count {
        0 => "Deliveries".to_owned(),
        1 => "1 delivery".to_owned(),
        many => format!("{many} deliveries"),
    }
}

//! The alerts about an integration itself: two customers claim it, nobody holds it, a human moved
//! it, Kombo no longer knows it.
//!
//! That it stopped working is an alert of its holder's, in `customer`.

use super::facts::{ClaimOutcome, Facts};
use crate::domain::alert::{Alert, AlertKind, CustomerRef};
use crate::domain::audience::Audience;
use crate::domain::id::{EventId, OriginId, sha256_base64url};
use crate::machine::Context;

/// The alert about an event's claim, or about a new integration that nobody holds.
pub(super) fn about_claim(
    context: Context<'_>,
    facts: &Facts,
    before: &Facts,
    claim: ClaimOutcome,
    event: Option<&EventId>,
) -> Option<Alert> {
    let (connection, handle) = (facts.connection(), facts.id.handle());
    if let ClaimOutcome::Disputed { holder, claimant } = claim {
        if are_tests(context, [&holder, &claimant]) {
            return None;
        }
        let about = format!("disputed/{}", sha256_base64url(claimant.as_str()));
        let what = AlertKind::Disputed {
            connection,
            handle,
            holder,
            claimant,
        };
        return Some(alert(context, facts, event, &about, what));
    }
    let is_new = facts.is_unassigned() && !before.is_alive();
    let what = AlertKind::Unassigned { connection, handle };
    is_new.then(|| alert(context, facts, event, "unassigned", what))
}

/// The alert that the integration has another holder than before.
pub(super) fn reassigned(
    context: Context<'_>,
    facts: &Facts,
    before: &Facts,
    revision: u64,
) -> Option<Alert> {
    let (from, to) = (before.holder(), facts.holder());
    if from == to || are_tests(context, from.into_iter().chain(to)) {
        return None;
    }
    let what = AlertKind::Reassigned {
        connection: facts.connection(),
        handle: facts.id.handle(),
        from: from.cloned(),
        to: to.cloned(),
    };
    let about = format!("reassigned/{revision}");
    Some(alert(context, facts, None, &about, what))
}

/// The alert that Kombo no longer knows the integration.
pub(super) fn missing(context: Context<'_>, facts: &Facts, before: &Facts) -> Option<Alert> {
    let since = facts.missing_since?;
    let is_test = facts.holder().is_some_and(|id| are_tests(context, [id]));
    if before.missing_since.is_some() || is_test {
        return None;
    }
    let what = AlertKind::Missing {
        connection: facts.connection(),
        handle: facts.id.handle(),
        since,
    };
    let about = format!("missing/{}", since.as_millis());
    Some(alert(context, facts, None, &about, what))
}

fn are_tests<'a>(context: Context<'_>, ids: impl IntoIterator<Item = &'a OriginId>) -> bool {
    let tests = &context.settings.alerting.test_customers;
    ids.into_iter().all(|id| tests.contains(id))
}

fn alert(
    context: Context<'_>,
    facts: &Facts,
    event: Option<&EventId>,
    about: &str,
    what: AlertKind,
) -> Alert {
    let id = format!("{}/{about}", facts.name());
    Alert {
        event_id: event.cloned(),
        who: CustomerRef {
            origin_id: facts.holder().cloned(),
            organization_name: facts.organization_name().map(str::to_owned),
            contact: facts.contact.clone(),
        },
        ..Alert::new(id, context.now, Audience::Engineers, what)
    }
}

//! Alarms exactly on time: what is due then is done then.

use std::collections::BTreeMap;

use serde_json::json;

use crate::clock::after;
use crate::kombo::{created, failed, state};
use crate::world::{Crash, World};

const DAY: u64 = 24 * 3_600;

#[test]
fn an_alarm_exactly_on_time_finds_everything_due() {
    let mut world = World::with(&[("DAILY_SUMMARY_UTC", "off")]);
    world.deliver(&created("e1", "hibob:One", Some("42")));
    world.deliver(&created("e2", "hibob:Two", None));
    world.deliver(&state("e3", "hibob:One", Some("42"), "INVALID", 1));
    world.deliver(&failed("e4", "lever", Some("43")));
    let mute = json!({ "tool": "lever", "until": "2026-11-24T08:00:00Z" });
    let muted = world.ask("PUT", "/v1/customers/43/mute", &mute);
    assert_eq!(muted.status, 200, "{}", muted.body);
    let end = world.now.plus(after(40 * DAY));
    let mut rings: BTreeMap<_, u32> = BTreeMap::new();
    while let Some((at, name)) = world.due().into_iter().next().filter(|(at, _)| *at <= end) {
        world.now = world.now.max(at);
        world.alarm(&name, Crash::No);
        // Several steps may follow each other at once, such as two messages.
        let rings = rings.entry((world.now, name.clone())).or_default();
        *rings += 1;
        assert!(*rings < 20, "{name} is still due: {:?}", world.due());
    }
    // By then these have removed all contacts except that of the broken integration.
    let mut contacts = world.rows_with(|text| text.contains("hr@example.com"));
    contacts.retain(|row| !row.starts_with("notifier/"));
    assert_eq!(contacts.len(), 3, "{contacts:?}");
}

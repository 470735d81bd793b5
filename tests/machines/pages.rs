//! Pages of Workers KV keys, as the API returns them when KV does not answer properly.
//! The content of a page is tested on the real runtime.

use kombo_edge::machine::EffectError;

use crate::world::World;

#[test]
fn only_a_cursor_that_kv_rejects_is_the_callers_fault() {
    let failed = EffectError::Failed("Workers KV answered 429".to_owned());
    let lost = EffectError::Unknown("no answer".to_owned());
    for (answer, path, status) in [
        (None, "/v1/customers?cursor=nonsense", 400),
        (None, "/v1/customers", 200),
        (Some(failed), "/v1/customers?cursor=customer:42", 503),
        (Some(lost), "/v1/unassigned?cursor=unassigned:x", 503),
    ] {
        let mut world = World::new();
        world.kv_answers = answer.clone().into_iter().collect();
        assert_eq!(world.get(path).0, status, "{answer:?} {path}");
    }
}

#[test]
fn a_page_has_between_one_and_a_thousand_entries() {
    let mut world = World::new();
    for (limit, status) in [
        ("1", 200),
        ("1000", 200),
        ("0", 400),
        ("1001", 400),
        ("x", 400),
    ] {
        let path = format!("/v1/quarantine?limit={limit}");
        assert_eq!(world.get(&path).0, status, "{limit}");
    }
}

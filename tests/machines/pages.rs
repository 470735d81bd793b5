//! Pages of Workers KV keys, as a caller of the API gets them when KV does not answer well.
//! What a page says is tested on the real runtime.

use kombo_edge::machine::Outcome;

use crate::outside::answered;
use crate::world::World;

#[test]
fn only_a_cursor_that_kv_refuses_is_the_callers_fault() {
    let lost = || Outcome::Unknown("no answer".to_owned());
    for (answer, path, status) in [
        (answered(400, ""), "/v1/customers?cursor=nonsense", 400),
        (answered(400, ""), "/v1/customers", 503),
        (answered(429, ""), "/v1/customers?cursor=fine", 503),
        (answered(500, ""), "/v1/incidents?cursor=fine", 503),
        (lost(), "/v1/unassigned?cursor=fine", 503),
    ] {
        let mut world = World::new();
        world.kv_answers = vec![answer.clone()];
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

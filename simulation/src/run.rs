//! Runs a script from its beginning until all objects are at rest.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::failure::Failure;
use crate::mutation::Mutation;
use crate::script::Script;
use crate::stats::Stats;
use crate::world::World;

/// Runs a script, and returns the counts of what happened.
///
/// # Errors
/// The first broken promise. A panic is one.
pub fn run(script: &Script) -> Result<Stats, Failure> {
    run_with(script, None)
}

/// The same, with something broken on purpose.
///
/// # Errors
/// As [`run`].
pub fn run_with(script: &Script, mutation: Option<Mutation>) -> Result<Stats, Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(|| play(script, mutation)));
    outcome.unwrap_or_else(|panic| Err(Failure::of("nothing panics", said(&*panic))))
}

fn play(script: &Script, mutation: Option<Mutation>) -> Result<Stats, Failure> {
    let mut world = World::new(script, mutation);
    for step in &script.steps {
        let after = i64::try_from(step.after.as_millis()).unwrap_or(i64::MAX);
        world.until(world.now + after);
        world.verdict()?;
        world.act(&step.act);
        world.check_holders();
        world.verdict()?;
    }
    world.come_to_rest();
    world.check()?;
    if script.seed.is_multiple_of(8) {
        world.check_a_month_later()?;
    }
    Ok(world.stats)
}

/// What a panic said.
fn said(panic: &(dyn core::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or_default().to_owned()
}

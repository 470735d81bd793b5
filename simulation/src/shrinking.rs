//! Finds the shortest script that still fails.

use core::time::Duration;

use crate::failure::Failure;
use crate::run::run;
use crate::script::Script;

/// The most scripts that are tried.
const MAX_TRIES: usize = 2_000;

/// Leaves out whatever is not needed for the same promise to be broken.
#[must_use]
pub fn shrink(script: &Script) -> Script {
    let Err(Failure { promise, .. }) = run(script) else {
        return script.clone();
    };
    let mut tries = 0;
    let mut fails = |script: &Script| {
        tries += 1;
        let is_same = |failure: Failure| failure.promise == promise;
        tries <= MAX_TRIES && run(script).is_err_and(is_same)
    };
    let mut shortest = script.clone();
    let mut size = shortest.steps.len().div_euclid(2).max(1);
    loop {
        let before = shortest.steps.len();
        leave_out(&mut shortest, size, &mut fails);
        if size > 1 {
            size = size.div_euclid(2);
        } else if shortest.steps.len() == before {
            break;
        }
    }
    hurry(&mut shortest, &mut fails);
    shortest
}

/// Leaves out runs of this many steps, as long as it still fails.
fn leave_out(script: &mut Script, size: usize, fails: &mut impl FnMut(&Script) -> bool) {
    let mut at = 0;
    while at < script.steps.len() {
        let mut shorter = script.clone();
        let end = (at + size).min(shorter.steps.len());
        let waited: Duration = shorter.steps.drain(at..end).map(|step| step.after).sum();
        // The times of what follows may differ.
        let mut patient = shorter.clone();
        if let Some(next) = patient.steps.get_mut(at) {
            next.after += waited;
        }
        if let Some(found) = [shorter, patient].into_iter().find(|it| fails(it)) {
            *script = found;
        } else {
            at = end;
        }
    }
}

/// Leaves out pauses.
fn hurry(script: &mut Script, fails: &mut impl FnMut(&Script) -> bool) {
    for at in 0..script.steps.len() {
        let mut faster = script.clone();
        faster.steps[at].after = Duration::ZERO;
        if fails(&faster) {
            *script = faster;
        }
    }
}

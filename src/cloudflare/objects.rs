//! The classes of objects, as the platform knows them: each is the shell around its machine.

use worker::{DurableObject, Env, Request, Response, Result, State, durable_object};

use super::shell::Shell;
use crate::{customer, integration, notifier};

macro_rules! object {
    ($(#[$doc:meta])* $name:ident runs $machine:ty) => {
        $(#[$doc])*
        #[durable_object(alarm)]
        pub struct $name(Shell);

        impl DurableObject for $name {
            fn new(state: State, env: Env) -> Self {
                Self(Shell::new(state.storage(), env))
            }

            async fn fetch(&self, request: Request) -> Result<Response> {
                self.0.fetch::<$machine>(request).await
            }

            async fn alarm(&self) -> Result<Response> {
                self.0.alarm::<$machine>().await
            }
        }
    };
}

object!(
    /// One integration.
    Integration runs integration::Integration
);
object!(
    /// One customer.
    Customer runs customer::Customer
);
object!(
    /// One Slack hook.
    Notifier runs notifier::Notifier
);

/// In the build of the test suite, panics where the text asks for it; never else.
#[cfg(feature = "forced-panics")]
pub(super) fn panic_if_forced(place: &str, text: impl Fn() -> String) {
    use core::sync::atomic::AtomicU32;
    use core::sync::atomic::Ordering::Relaxed;
    /// An alarm that panics each time would show nothing of its being tried again.
    static LEFT: AtomicU32 = AtomicU32::new(2);
    if text().contains(&format!("forced panic in {place}")) {
        let take = |left: u32| left.checked_sub(1);
        let spared = place == "alarm" && LEFT.try_update(Relaxed, Relaxed, take).is_err();
        assert!(spared, "forced panic in {place}");
    }
}

#[cfg(not(feature = "forced-panics"))]
pub(super) fn panic_if_forced(_place: &str, _text: impl Fn() -> String) {}

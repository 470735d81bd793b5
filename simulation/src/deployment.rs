//! How the simulated Worker is set up, and how Kombo signs for it.

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use kombo_edge::contracts::operator::settings::Config;
use sha2::Sha256;

use crate::script::Hooks;

const SECRET: &str = "kombo-test-secret";

/// The settings of a deployment; the number distinguishes Slack webhooks.
pub(crate) fn config(hooks: Hooks, hook: u32) -> Config {
    let main = format!("https://hooks.slack.com/services/T/B/main{hook}");
    let mut given = BTreeMap::from([
        ("KOMBO_WEBHOOK_SECRET", SECRET),
        ("SLACK_WEBHOOK_URL", &main),
        ("LINK_SECRET", "link-secret-0123456789-0123456789"),
        ("PUBLIC_URL", "https://edge.example.com"),
    ]);
    if hooks == Hooks::Two {
        given.insert("SLACK_OPS_URL", "https://hooks.slack.com/services/T/B/ops");
    }
    Config::parse(|name| given.get(name).map(|&value| value.to_owned()))
}

/// Signs a body as Kombo does.
pub(crate) fn sign(body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key will do");
    mac.update(body);
    Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
}

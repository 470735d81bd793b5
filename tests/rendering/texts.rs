//! Text that someone may put into a name: plain, hostile, or long. `alerts` makes alerts
//! with it.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{BoxedStrategy, Strategy};
use proptest::{prop_oneof, sample};

const NASTY: [&str; 32] = [
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "@here",
    "@channel",
    "<@U012AB3CD>",
    "<!subteam^S1>",
    "<https://evil.example|click>",
    "https://evil.example/a b",
    "javascript:alert(1)",
    "|",
    "`",
    "```",
    "*bold*",
    "_it_",
    "~gone~",
    ":tada:",
    ":",
    "&lt;!here&gt;",
    "&amp;",
    "<",
    ">",
    "\u{202e}",
    "\u{200b}",
    "\u{0}",
    "\n",
    "\r\n",
    "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J",
    "personio%3ACBNMt7dSNCzBdnRTx87dev4E",
    "a@b.c?bcc=x@y.z",
    "<!date^1^{date}|x>",
    "🦉👩‍👩‍👧é",
];

/// Text that someone may write: plain, hostile, in any script, or very long.
pub(crate) fn text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => "[A-Z][a-z]{2,12}( [A-Z][a-z]{2,12}){0,3}",
        3 => vec(sample::select(NASTY.to_vec()), 1..12).prop_map(|parts| parts.concat()),
        2 => ".{0,80}",
        1 => (sample::select(NASTY.to_vec()), 1..300_usize).prop_map(|(part, times)| part.repeat(times)),
    ]
    .boxed()
}

/// Such text, cut to at most `bytes` bytes; `None` if it is not a valid value.
pub(crate) fn fitting<T: TryFrom<String> + core::fmt::Debug>(
    bytes: usize,
) -> impl Strategy<Value = Option<T>> {
    of(text()).prop_map(move |text| {
        let mut text = text?;
        while text.len() > bytes {
            text.pop();
        }
        T::try_from(text).ok()
    })
}

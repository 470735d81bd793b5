//! Checks that Slack accepts a message and that it is inert, independent of the rendering code.

use serde_json::Value;

/// The labels that links may have.
const LABELS: [&str; 6] = [
    "Open Kombo's log of the attempt",
    "Write to the contact",
    "Send the connection guide",
    "Open the customer's page",
    "Open the integration in Kombo",
    "",
];

/// The characters of our own words between the links and dates of a mrkdwn text.
const WORDS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,()•“”\n";

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Everything that is wrong with a message.
pub(crate) fn faults(message: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for flag in ["unfurl_links", "unfurl_media"] {
        if message[flag] != false {
            faults.push(format!("{flag} is on: unfurl"));
        }
    }
    notification(message["text"].as_str().unwrap_or_default(), &mut faults);
    let none = Vec::new();
    let blocks = message["blocks"].as_array().unwrap_or(&none);
    if blocks.len() > 50 {
        faults.push(format!("{} blocks", blocks.len()));
    }
    let mut all = 0;
    for block in blocks {
        let kind = block["type"].as_str().unwrap_or_default();
        let elements = block["elements"].as_array().unwrap_or(&none);
        if kind == "context" && !(1..=10).contains(&elements.len()) {
            faults.push(format!("{} elements", elements.len()));
        }
        let texts: Vec<&Value> = match kind {
            "context" => elements.iter().collect(),
            "header" | "section" => vec![&block["text"]],
            other => {
                faults.push(format!("a block of type {other}"));
                Vec::new()
            }
        };
        for text in texts {
            all += passage(kind, text, &mut faults);
        }
    }
    if all > 13_000 {
        faults.push(format!("{all} characters in all blocks: too long"));
    }
    faults
}

/// Checks the top-level text, which is mrkdwn: nothing in it may be markup.
fn notification(text: &str, faults: &mut Vec<String>) {
    if text.is_empty() || units(text) > 4_000 {
        faults.push(format!("a text of {} characters", units(text)));
    }
    if text.contains(['<', '>']) {
        faults.push("a token in the text".to_owned());
    }
    let chars: Vec<char> = text.chars().collect();
    for pair in chars.windows(2) {
        let marks = "*_~`:@#|";
        if marks.contains(pair[0]) && pair[1] != '\u{2060}' && !pair[1].is_whitespace() {
            faults.push(format!("markup {pair:?} in the text"));
        }
    }
    common(text, faults);
}

/// Checks a text object and returns its size.
fn passage(block: &str, text: &Value, faults: &mut Vec<String>) -> usize {
    let (kind, shown) = (&text["type"], text["text"].as_str().unwrap_or_default());
    let most = if block == "header" { 150 } else { 3_000 };
    if shown.is_empty() {
        faults.push("an empty text".to_owned());
    }
    if units(shown) > most {
        faults.push(format!(
            "{} characters in a {block}: too long",
            units(shown)
        ));
    }
    if kind == "plain_text" {
        if text["emoji"] != false {
            faults.push("emoji are on".to_owned());
        }
    } else if kind == "mrkdwn" && block == "section" && text["verbatim"] == true {
        mrkdwn(shown, faults);
    } else {
        faults.push(format!("a text of type {kind} in a {block}"));
    }
    common(shown, faults);
    units(shown)
}

fn common(text: &str, faults: &mut Vec<String>) {
    for secret in ["T3xkPq9VwLm2ZrYs8GdHnC5J", "CBNMt7dSNCzBdnRTx87dev4E"] {
        let whole = [format!("hibob:{secret}"), format!("personio%3A{secret}")];
        if whole.iter().any(|id| text.contains(id.as_str())) {
            faults.push("an integration id".to_owned());
        }
    }
    let hidden = |one: char| {
        (one.is_control() && one != '\n')
            || ('\u{202a}'..='\u{202e}').contains(&one)
            || one == '\u{200b}'
    };
    if text.contains(hidden) {
        faults.push("a hidden character".to_owned());
    }
}

/// Checks our own text: a heading, or links, dates and the mention with plain words between.
fn mrkdwn(text: &str, faults: &mut Vec<String>) {
    let heading = text
        .strip_prefix('*')
        .and_then(|text| text.strip_suffix('*'));
    if let Some(heading) = heading {
        return between(&heading.replace(':', ""), faults);
    }
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let (words, token) = rest.split_at(start);
        between(words, faults);
        let Some(end) = token.find('>') else {
            faults.push("an open token".to_owned());
            return;
        };
        self::token(&token[1..end], faults);
        rest = &token[end + 1..];
    }
    between(rest, faults);
}

fn between(words: &str, faults: &mut Vec<String>) {
    if words.chars().any(|one| !WORDS.contains(one)) {
        faults.push(format!("foreign text outside tokens: {words:?}"));
    }
}

fn token(token: &str, faults: &mut Vec<String>) {
    let (target, label) = token.split_once('|').unwrap_or((token, ""));
    let link = target.starts_with("https://") || target.starts_with("mailto:");
    if link {
        let inert = target.bytes().all(|byte| byte.is_ascii_graphic());
        if !inert || label.contains('|') || target.len() > 2_000 {
            faults.push(format!("an incomplete link: {target:.80}"));
        }
        if !LABELS.contains(&label) || label.is_empty() {
            faults.push(format!("an unknown label: {label}"));
        }
        return;
    }
    let date = |rest: &str| {
        let (moment, format) = rest.split_once('^').unwrap_or_default();
        moment.parse::<i64>().is_ok() && format == "{date_short_pretty} {time}"
    };
    let ours = token == "!here" || target.strip_prefix("!date^").is_some_and(date);
    if !ours {
        faults.push(format!("an unknown token: {token:.80}"));
    }
}

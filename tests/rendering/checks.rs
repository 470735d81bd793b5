//! Checks that Slack accepts a message and that it is inert, independent of the rendering code.

use serde_json::Value;

/// The labels that links may have.
const LABELS: [&str; 12] = [
    "I’m on it",
    "Take over",
    "Mute",
    "Send a new link",
    "Close",
    "Open Kombo's log of the attempt",
    "Log",
    "Write to the contact",
    "Send the connection guide",
    "Open the customer's page",
    "Open the integration in Kombo",
    "Open the integrations in Kombo",
];

/// The characters of our own words between the dates of a mrkdwn text.
const WORDS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,()";

/// What keeps markup from beginning.
const WORD_JOINER: char = '\u{2060}';

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
    let blocks = list(&message["blocks"]);
    if blocks.len() > 50 {
        faults.push(format!("{} blocks", blocks.len()));
    }
    let mut all = 0;
    for block in blocks {
        let kind = block["type"].as_str().unwrap_or_default();
        let elements = list(&block["elements"]);
        if kind == "context" && !(1..=10).contains(&elements.len()) {
            faults.push(format!("{} elements", elements.len()));
        }
        all += match kind {
            "context" => elements
                .iter()
                .map(|text| passage(kind, text, &mut faults))
                .sum(),
            "header" | "section" => passage(kind, &block["text"], &mut faults),
            "rich_text" => elements.iter().map(|one| rich(one, &mut faults)).sum(),
            other => {
                faults.push(format!("a block of type {other}"));
                0
            }
        };
    }
    if all > 13_000 {
        faults.push(format!("{all} characters in all blocks: too long"));
    }
    faults
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Checks the top-level text, which is mrkdwn: only our own tokens in it are markup.
fn notification(text: &str, faults: &mut Vec<String>) {
    if text.is_empty() || units(text) > 12_000 {
        faults.push(format!("a text of {} characters", units(text)));
    }
    for line in text.lines() {
        let is_code = line.len() > 1 && line.starts_with('`') && line.ends_with('`');
        let line = if is_code && !line.starts_with("`\u{2060}") {
            &line[1..line.len() - 1]
        } else {
            line
        };
        inert(&without_tokens(line, faults), faults);
    }
    common(text, faults);
}

/// The line without the mention and the links of its own.
fn without_tokens(line: &str, faults: &mut Vec<String>) -> String {
    if line == "<!here>" {
        return String::new();
    }
    let (mut words, mut rest) = (String::new(), line);
    while let Some((before, token)) = rest.split_once('<') {
        let (token, after) = token.split_once('>').unwrap_or((token, ""));
        let (url, label) = token.split_once('|').unwrap_or((token, ""));
        if !line.starts_with("• ") {
            faults.push("a token in the text".to_owned());
        }
        link(url, label, faults);
        words.push_str(before);
        rest = after;
    }
    words + rest
}

/// Checks that nothing in a line is markup.
fn inert(line: &str, faults: &mut Vec<String>) {
    let chars: Vec<char> = line.chars().collect();
    let at = |place: usize| chars.get(place).copied();
    let is_word = |one: Option<char>| one.is_some_and(char::is_alphanumeric);
    if line.contains(['<', '>']) || line.contains("://") || line.starts_with("&gt;") {
        faults.push(format!("a token in the text: {line}"));
    }
    for (place, one) in chars.iter().enumerate() {
        let before = place.checked_sub(1).and_then(at);
        let next = at(place + 1);
        let is_markup = match one {
            '*' | '_' | '~' => {
                let is_end = |end: usize| {
                    let inside = &chars[place + 1..end];
                    chars[end] == *one
                        && inside.iter().any(|other| other != one)
                        && !chars[end - 1].is_whitespace()
                        && !is_word(at(end + 1))
                };
                !is_word(before)
                    && !next.is_none_or(|next| next.is_whitespace() || next == WORD_JOINER)
                    && (place + 2..chars.len()).any(is_end)
            }
            '`' => next != Some(WORD_JOINER) && chars[place + 1..].contains(one),
            ':' => {
                let name: Vec<&char> = chars[place + 1..]
                    .iter()
                    .take_while(|one| {
                        one.is_ascii_lowercase() || one.is_ascii_digit() || **one == '_'
                    })
                    .collect();
                !name.is_empty() && at(place + 1 + name.len()) == Some(':')
            }
            '@' => !is_word(before) && is_word(next),
            _ => false,
        };
        if is_markup {
            faults.push(format!("markup at {place} in the text: {line}"));
        }
    }
}

/// Checks a paragraph of rich text, which shows its texts verbatim, and returns its size.
fn rich(element: &Value, faults: &mut Vec<String>) -> usize {
    let parts = list(&element["elements"]);
    if parts.is_empty() {
        faults.push("an empty text".to_owned());
    }
    match element["type"].as_str().unwrap_or_default() {
        "rich_text_list" if element["style"] == "bullet" => {
            parts.iter().map(|item| rich(item, faults)).sum()
        }
        "rich_text_section" | "rich_text_preformatted" => {
            parts.iter().map(|piece| inline(piece, faults)).sum()
        }
        other => {
            faults.push(format!("an element of type {other}"));
            0
        }
    }
}

fn inline(piece: &Value, faults: &mut Vec<String>) -> usize {
    let text = piece["text"].as_str().unwrap_or_default();
    let url = piece["url"].as_str().unwrap_or_default();
    match piece["type"].as_str().unwrap_or_default() {
        "text" if text.is_empty() => faults.push("an empty text".to_owned()),
        "text" => common(text, faults),
        "link" => link(url, text, faults),
        other => faults.push(format!("an element of type {other}")),
    }
    units(text) + units(url)
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
            || matches!(
                one,
                '\u{ad}' | '\u{2066}'..='\u{2069}' | '\u{3164}' | '\u{feff}'
            )
    };
    if text.contains(hidden) {
        faults.push("a hidden character".to_owned());
    }
}

/// Checks our own text: dates and the mention with plain words between.
fn mrkdwn(text: &str, faults: &mut Vec<String>) {
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
    let (target, _) = token.split_once('|').unwrap_or((token, ""));
    let date = |rest: &str| {
        let (moment, format) = rest.split_once('^').unwrap_or_default();
        moment.parse::<i64>().is_ok() && format == "{date_short_pretty} {time}"
    };
    let ours = token == "!here" || target.strip_prefix("!date^").is_some_and(date);
    if !ours {
        faults.push(format!("an unknown token: {token:.80}"));
    }
}

fn link(url: &str, label: &str, faults: &mut Vec<String>) {
    if !url.starts_with("https://") && !url.starts_with("mailto:") {
        faults.push(format!("an unknown token: {url:.80}"));
    }
    let inert = url.bytes().all(|byte| byte.is_ascii_graphic());
    if !inert || url.contains(['<', '>', '|']) || url.len() > 2_000 {
        faults.push(format!("an incomplete link: {url:.80}"));
    }
    if !LABELS.contains(&label) {
        faults.push(format!("an unknown label: {label}"));
    }
}

//! Removes invisible characters, which could hide or reorder text, and keeps those that a script
//! needs to be written: joiners between Persian or Malayalam letters, the marks of an emoji, the
//! variants of a Japanese name.

/// Replaces whatever was cut out or off.
pub(super) const ELLIPSIS: char = '…';

/// A joiner, which makes one emoji out of several.
pub(super) const JOINER: char = '\u{200d}';

/// The flags that end with invisible letters: England, Scotland, Wales (Unicode's emoji sequences).
const FLAGS: [&str; 3] = [
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// The text without invisible characters that nothing needs; white space is kept.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let (mut rest, mut before, mut letter) = (text, None, None);
    while let Some(one) = rest.chars().next() {
        let flag = FLAGS.iter().find(|flag| rest.starts_with(**flag));
        let length = flag.map_or(one.len_utf8(), |flag| flag.len());
        let (now, after) = rest.split_at(length);
        let next = after.chars().next();
        let is_shown = match one {
            // Marks the direction of what has none by itself, such as a bracket.
            '\u{61c}' | '\u{200e}' | '\u{200f}' => {
                let is_first = !before.is_some_and(is_hidden);
                is_first && letter.into_iter().chain(next).any(is_leftward)
            }
            _ => one.is_whitespace() || !is_hidden(one) || is_needed(before, one, next),
        };
        if is_shown {
            shown.push_str(now);
            before = Some(one);
            letter = before.filter(|one| one.is_alphanumeric()).or(letter);
        }
        rest = after;
    }
    shown
}

/// Whether it is a control character, changes direction or shows nothing: Unicode's
/// `Default_Ignorable_Code_Point` and `Bidi_Control`, annotation marks, and the blank of Braille.
fn is_hidden(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Whether an invisible character belongs to the text around it. The character before it is one
/// that it can change, so it never stands between the letters of an id, nor in a row of its kind.
fn is_needed(before: Option<char>, one: char, next: Option<char>) -> bool {
    let before_is = |test: fn(char) -> bool| before.is_some_and(test);
    let next_is = |test: fn(char) -> bool| next.is_some_and(test);
    match one {
        '\u{200c}' => before_is(joins),
        JOINER if before_is(is_emoji) => next_is(is_emoji),
        JOINER | '\u{34f}' => before_is(joins),
        '\u{200b}' => before_is(is_without_spaces) && next_is(is_without_spaces),
        '\u{180b}'..='\u{180f}' => before_is(|one| matches!(one, '\u{1820}'..='\u{18aa}')),
        '\u{fe0e}' | '\u{fe0f}' if before_is(is_emoji) => true,
        '\u{fe0f}' if before_is(|one| matches!(one, '0'..='9' | '#' | '*')) => {
            next == Some('\u{20e3}')
        }
        '\u{fe00}'..='\u{fe0f}' => before_is(is_ideograph) || before_is(joins),
        '\u{e0100}'..='\u{e01ef}' => before_is(is_ideograph),
        _ => false,
    }
}

/// Whether a joiner after it changes how it is written: Hebrew to Tibetan, Burmese, Khmer,
/// Mongolian, and the further letters of these scripts.
fn joins(one: char) -> bool {
    matches!(one, '\u{591}'..='\u{5f4}' | '\u{620}'..='\u{8ff}' | '\u{900}'..='\u{dff}'
        | '\u{f40}'..='\u{fbc}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17b3}'
        | '\u{17b6}'..='\u{17ff}' | '\u{1820}'..='\u{18aa}' | '\u{1a20}'..='\u{1bff}'
        | '\u{a840}'..='\u{a9ff}' | '\u{aa60}'..='\u{abff}' | '\u{fb1d}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{10eff}' | '\u{11000}'..='\u{11fff}'
        | '\u{1e900}'..='\u{1e95f}')
}

/// Whether it is written from right to left.
fn is_leftward(one: char) -> bool {
    matches!(one, '\u{5be}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1eeff}')
        && !is_hidden(one)
}

/// Whether its script has no spaces between words, so that an invisible one says where a line may
/// end: Thai, Lao, Tibetan, Burmese, Khmer, Chinese, Japanese.
fn is_without_spaces(one: char) -> bool {
    matches!(one, '\u{e01}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{19ff}' | '\u{1a20}'..='\u{1aaf}' | '\u{3041}'..='\u{30ff}'
        | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}')
        || is_ideograph(one)
}

fn is_ideograph(one: char) -> bool {
    matches!(one, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// Whether it is an emoji or a symbol that can be shown as one, or ends one.
fn is_emoji(one: char) -> bool {
    matches!(one, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{20e3}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{27bf}' | '\u{2900}'..='\u{297f}'
        | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_stay_as_they_are_written() {
        for name in [
            // Persian, with a joint that is not joined; Malayalam, with the old form of a letter.
            "نرم\u{200c}افزار",
            "അവന\u{d4d}\u{200d}",
            "ශ\u{dca}\u{200d}රී ලංකා",
            "क\u{94d}\u{200d}ष",
            // Hebrew and Arabic between Latin letters.
            "חברה (בע״מ)\u{200f} Ltd",
            "شركة\u{200f} ABC",
            // Japanese: the variant of a character that a family writes, and a wide space.
            "葛\u{e0100}城市",
            "株式会社\u{3000}山田",
            // Khmer and Thai, with the places where a line may end.
            "ក្រុម\u{200b}ហ៊ុន",
            "บริษัท\u{200b}ไทย",
            "ᠮᠣᠩᠭᠣᠯ\u{180e}ᠠ",
            "👩\u{200d}👩\u{200d}👧 Familie",
            "❤\u{fe0f}\u{200d}🔥",
            "1\u{fe0f}\u{20e3} Erste",
            FLAGS[1],
            "Ünïcode e\u{301}",
            "Ⓗ\u{fe0e}",
        ] {
            assert_eq!(visible(name), name, "{name:?}");
        }
    }

    #[test]
    fn what_only_hides_or_reorders_text_is_removed() {
        for (text, shown) in [
            ("Ac\u{200d}me", "Acme"),
            ("Ac\u{200c}me", "Acme"),
            ("Ac\u{200b}me", "Acme"),
            ("Ac\u{200e}me", "Acme"),
            ("evil\u{202e}gpj", "evilgpj"),
            ("\u{2066}a\u{2069}", "a"),
            ("שלום\u{202e}", "שלום"),
            ("ש\u{200f}\u{200f}\u{200f}", "ש\u{200f}"),
            ("ש A\u{200f}c\u{200e}", "ש Ac"),
            ("a\u{fe0f}", "a"),
            ("1\u{fe0f}2", "12"),
            ("a\u{e0067}\u{e0062}", "a"),
            ("🏴\u{e0061}\u{e007f}", "🏴"),
            ("👩\u{200d}", "👩"),
            ("\u{2800}\u{3164}", ""),
            ("ن\u{200c}\u{200c}", "ن\u{200c}"),
        ] {
            assert_eq!(visible(text), shown, "{text:?}");
        }
    }
}

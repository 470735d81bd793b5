//! Removes invisible characters, which could hide or reorder text.

/// Replaces whatever was cut out or off.
pub(super) const ELLIPSIS: char = '…';

/// The text without invisible characters; white space is kept.
pub(super) fn visible(text: &str) -> String {
    let shows = |one: &char| one.is_whitespace() || !is_hidden(*one);
    text.chars().filter(shows).collect()
}

/// Whether it is a control character, changes direction or shows nothing: Unicode's
/// `Default_Ignorable_Code_Point` and `Bidi_Control`, and annotation marks.
fn is_hidden(one: char) -> bool {
    one.is_control()
        || matches!(one, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

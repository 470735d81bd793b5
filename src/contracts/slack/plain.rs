//! A message as text alone, for receivers that do not read Slack's blocks.

use super::draft::{Draft, Item, Link, MAX_VALUE, Part, SEPARATOR, Span};
use super::markup::{mrkdwn, verbatim};
use super::text::{MAX_SECTION, units};

/// The longest text for a receiver that reads nothing else.
const MAX_TEXT: usize = 12_000;

/// How much of a draft the text has, and in which spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Without what Slack may have refused: links, dates, mentions.
    Bare,
    /// Everything, with links and mentions as Slack spells them.
    Mrkdwn,
    /// Everything, for a reader that shows each character as it is.
    Verbatim,
}

/// The text: whole lines up to a limit, the news first.
pub(super) fn text(draft: &Draft, form: Form) -> String {
    let limit = match form {
        Form::Bare => MAX_SECTION,
        Form::Mrkdwn | Form::Verbatim => MAX_TEXT,
    };
    let title = match form {
        Form::Bare => draft.notification(),
        Form::Mrkdwn | Form::Verbatim => draft.headline(),
    };
    let mut lines = form.foreign(&title);
    lines.extend(form.foreign(&draft.heading));
    lines.extend(draft.parts.iter().flat_map(|part| form.part(part)));
    lines.extend(form.foreign(&draft.footer));
    let mut text = String::new();
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let length_before = text.len();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
        // A cut within a line could split an escape or a token.
        if units(&text) > limit {
            text.truncate(length_before);
            break;
        }
    }
    text
}

impl Form {
    fn part(self, part: &Part) -> Vec<String> {
        match part {
            Part::Own(text) => vec![self.own(text)],
            Part::List(items) => items.iter().map(|item| self.item(item)).collect(),
            Part::Code(text) if self == Self::Mrkdwn => {
                let lines = text.lines().map(|line| mrkdwn(line, MAX_VALUE));
                lines.map(|line| format!("`{line}`")).collect()
            }
            Part::Plain(text) | Part::Heading(text) | Part::Code(text) => self.foreign(text),
        }
    }

    /// Text that may be foreign, inert.
    fn foreign(self, text: &str) -> Vec<String> {
        let inert = |text| match self {
            Self::Bare => mrkdwn(text, MAX_VALUE),
            Self::Mrkdwn => mrkdwn(text, MAX_SECTION),
            Self::Verbatim => verbatim(text, MAX_SECTION),
        };
        text.lines().map(inert).collect()
    }

    /// Our own mrkdwn: its dates are in UTC, because only Slack can convert them.
    fn own(self, text: &str) -> String {
        if self == Self::Bare {
            return String::new();
        }
        let (mut shown, mut rest) = (String::new(), text);
        while let Some((before, token)) = rest.split_once('<') {
            let (token, after) = token.split_once('>').unwrap_or((token, ""));
            shown.push_str(before);
            match token.split_once('|') {
                Some((_, fallback)) => shown.push_str(fallback),
                None if self == Self::Mrkdwn => shown.extend(["<", token, ">"]),
                None => {}
            }
            rest = after;
        }
        shown.push_str(rest);
        shown
    }

    fn item(self, item: &Item) -> String {
        let shown = item.iter().map(|span| self.span(span));
        let shown: Vec<String> = shown.filter(|text| !text.is_empty()).collect();
        if shown.is_empty() {
            return String::new();
        }
        format!("• {}", shown.join(SEPARATOR))
    }

    fn span(self, span: &Span) -> String {
        match (span, self) {
            (Span::Text(text), _) => self.foreign(text).join(" "),
            (Span::Link(_), Self::Bare) => String::new(),
            (Span::Link(Link { url, label }), Self::Mrkdwn) => format!("<{url}|{label}>"),
            (Span::Link(Link { url, label }), Self::Verbatim) => format!("{label}: {url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::Mood;
    use super::*;

    #[test]
    fn text_alone_has_whole_lines_up_to_its_limit() {
        let last_line = |size: usize| {
            let long = "x".repeat(297);
            let parts = vec![Part::Plain(format!(
                "{}{}",
                format!("{long}\n").repeat(8),
                "y".repeat(size)
            ))];
            let text = text(&Draft::new(Mood::Bad, long, parts), Form::Bare);
            text.lines().last().map(str::to_owned)
        };
        // A title of 300 with its emoji, eight lines of 297, and the line breaks leave 115.
        assert_eq!(last_line(115), Some("y".repeat(115)));
        assert_eq!(last_line(116), Some("x".repeat(297)));
    }

    #[test]
    fn each_form_has_what_its_reader_can_show() {
        let date = "<!date^0^{date_short_pretty} {time}|1970-01-01 00:00 UTC>";
        let link = Span::Link(Link {
            url: "https://x/?a=1&b=2".to_owned(),
            label: "Log",
        });
        let parts = || {
            vec![
                Part::Own("<!here>".to_owned()),
                Part::Own(format!("Since {date}.")),
                Part::Code("a <b>".to_owned()),
                Part::List(vec![vec![Span::Text("R&D".to_owned()), link]]),
            ]
        };
        let draft = Draft::new(Mood::Good, "A & B".to_owned(), parts());
        assert_eq!(
            text(&draft, Form::Bare),
            "✅ A &amp; B\na &lt;b&gt;\n• R&amp;D"
        );
        assert_eq!(
            text(&draft, Form::Mrkdwn),
            "✅ A &amp; B\n<!here>\nSince 1970-01-01 00:00 UTC.\n`a &lt;b&gt;`\n• R&amp;D · <https://x/?a=1&b=2|Log>"
        );
        assert_eq!(
            text(&draft, Form::Verbatim),
            "✅ A & B\nSince 1970-01-01 00:00 UTC.\na <b>\n• R&D · Log: https://x/?a=1&b=2"
        );
    }
}

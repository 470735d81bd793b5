//! HTTP as values: no request is sent here.

use core::time::Duration;

use crate::domain::time::Timestamp;

/// The value of a header, without the spaces and tabs around it, which do not belong to it (RFC 9110).
/// Other white space does.
#[must_use]
pub fn header_value(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The parts of an HTTP response that are used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// The body, as far as it arrived; of a response from Slack, the first 2,000 characters.
    pub body: String,
    /// The `Retry-After` header.
    pub retry_after: Option<String>,
}

impl Answered {
    /// How long the sender of the response asks to wait: `Retry-After` in seconds, which may have a
    /// fraction, or as a date (RFC 9110). `None` without a header that can be read.
    #[must_use]
    pub fn wait(&self, now: Timestamp) -> Option<Duration> {
        let header = self.retry_after.as_deref()?.trim();
        let is_number = header.starts_with(|first: char| first.is_ascii_digit())
            && header
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !is_number {
            return Some(Timestamp::parse_http_date(header)?.since(now));
        }
        let seconds: f64 = header.parse().ok()?;
        // What does not fit is longer than anyone waits.
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(header: Option<&str>) -> Option<Duration> {
        let answer = Answered {
            retry_after: header.map(str::to_owned),
            ..Answered::default()
        };
        answer.wait(Timestamp::parse("2026-11-23T08:00:00Z").unwrap())
    }

    #[test]
    fn a_wait_is_read_from_seconds_a_fraction_or_a_date() {
        for (header, millis) in [
            ("7", 7_000),
            (" 0 ", 0),
            ("1.5", 1_500),
            ("2.", 2_000),
            ("Mon, 23 Nov 2026 08:02:00 GMT", 120_000),
            ("Monday, 23-Nov-26 08:02:00 GMT", 120_000),
            ("Mon Nov 23 08:02:00 2026", 120_000),
            // It is over.
            ("Mon, 23 Nov 2026 07:00:00 GMT", 0),
        ] {
            let expected = Duration::from_millis(millis);
            assert_eq!(wait(Some(header)), Some(expected), "{header}");
        }
    }

    #[test]
    fn a_wait_beyond_64_bits_is_a_long_one() {
        for header in ["18446744073709551616", "99999999999999999999999999.5"] {
            assert_eq!(wait(Some(header)), Some(Duration::MAX), "{header}");
        }
    }

    #[test]
    fn what_is_no_wait_counts_as_none() {
        for header in ["", "soon", "-1", "1.2.3", ".", "inf", "NaN", "1e3", "7 s"] {
            assert_eq!(wait(Some(header)), None, "{header}");
        }
        assert_eq!(wait(None), None);
    }
}

//! What a method of the entrypoint for other Workers returns: the body of the answer that the API would
//! give over HTTP.

use super::{Answer, Refusal};

/// An answer as JSON: `{"found": …}`, where null means that there is nothing, or `{"problem": …}`.
#[must_use]
pub fn returned(answered: Result<Answer, Refusal>) -> String {
    match answered {
        Ok(answer) => format!(r#"{{"found":{}}}"#, answer.body),
        Err(Refusal::Nothing) => r#"{"found":null}"#.to_owned(),
        Err(refusal) => format!(r#"{{"problem":{}}}"#, refusal.answer().body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_returns_what_http_answers_and_null_for_nothing() {
        let found = Answer::json(r#"{"revision":7}"#);
        assert_eq!(returned(Ok(found)), r#"{"found":{"revision":7}}"#);
        assert_eq!(returned(Err(Refusal::Nothing)), r#"{"found":null}"#);
        let problem = Refusal::NoReply.answer().body;
        let expected = format!(r#"{{"problem":{problem}}}"#);
        assert_eq!(returned(Err(Refusal::NoReply)), expected);
    }
}

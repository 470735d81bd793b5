//! Requests to the API in the world: what the platform does, without HTTP.

use kombo_edge::edge::answer::{Answer, Refusal};
use kombo_edge::edge::api::{ApiRequest, Found, Plan, RequestParts};
use kombo_edge::edge::route::Route;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::world::World;

impl World {
    /// Sends a request to a path of the API, with a query after `?`, and returns the answer.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        if let Some(id) = path.strip_prefix("/v1/integrations/") {
            let id = id.split('/').next().unwrap();
            let id = percent_decode_str(id).decode_utf8_lossy();
            self.leaks.integration(&id);
        }
        let answer = self.asked(method, path, body);
        let answer = answer.unwrap_or_else(Refusal::answer);
        self.leaks.look_in_answer(&answer);
        answer
    }

    /// As [`World::ask`] without a body; returns the status and the parsed answer.
    pub(crate) fn get(&mut self, path: &str) -> (u16, Value) {
        let answer = self.ask("GET", path, &Value::Null);
        (answer.status, serde_json::from_str(&answer.body).unwrap())
    }

    fn asked(&mut self, method: &str, path: &str, body: &Value) -> Result<Answer, Refusal> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let Route::Api(endpoint) = Route::find(method, path)? else {
            panic!("{path} is not a path of the API");
        };
        let body = body.to_string();
        let parts = RequestParts {
            query,
            body: body.as_bytes(),
        };
        let request = ApiRequest::parse(&endpoint, parts, self.now)?;
        let found = match request.plan() {
            Plan::Objects(questions) => {
                let replies = questions.iter();
                Found::Replies(
                    replies
                        .map(|(to, message)| Some(self.call(to, message)))
                        .collect(),
                )
            }
            Plan::Keys(list) => Found::Keys(self.list(&list.prefix, list.cursor.as_deref())),
        };
        let config = self.config.clone();
        request.answer(found, &config.settings)
    }
}

//! Acts: only a link that the secret signed opens a page of its incident, whatever the link, the form and
//! the incident are; nothing foreign in a page becomes markup, and no page has the integration's id.

use arbitrary::Arbitrary;
use data_encoding::BASE64URL_NOPAD;
use hmac_sha256::HMAC;
use kombo_edge::contracts::objects::incident::{About, ActOutcome, Acted, IncidentView};
use kombo_edge::contracts::objects::reply::Reply;
use kombo_edge::domain::act::{Act, Assignee, Person};
use kombo_edge::domain::alert::Connection;
use kombo_edge::domain::http::Answered;
use kombo_edge::domain::id::{Category, IntegrationId, OriginId, Tool};
use kombo_edge::domain::time::Timestamp;
use kombo_edge::edge::act::{Sender, Step, Visit, VisitParts};

use crate::outside::config;

const NOW: Timestamp = Timestamp::from_millis(1_795_420_800_000);
const SECRET: &str = "link-secret-0123456789-0123456789";
const KEY: &str = "incident:customer/wY8jygNJOYqXetwNEWpEmtfBRe_GXrVtLCVlatfdM7g:environment";
const ID: &str = "hibob:T3xkPq9VwLm2ZrYs8GdHnC5J";

/// A visit to a page.
#[derive(Arbitrary, Debug)]
pub struct Input<'a> {
    link: Link<'a>,
    form: Option<&'a str>,
    cookie: Option<&'a str>,
    is_own: bool,
    incident: Incident<'a>,
    outcome: u8,
    kombo: (u16, &'a str),
}

#[derive(Arbitrary, Debug)]
enum Link<'a> {
    Any(&'a str),
    /// A signed link, with this number of seconds left.
    Signed {
        act: u8,
        left: i16,
    },
    /// The same with another payload.
    Changed {
        payload: &'a str,
    },
}

#[derive(Arbitrary, Debug)]
struct Incident<'a> {
    is_open: bool,
    kind: u8,
    texts: [&'a str; 6],
}

impl Link<'_> {
    fn token(&self) -> String {
        let signed = |payload: &str| {
            let payload = BASE64URL_NOPAD.encode(payload.as_bytes());
            let text = format!("kombo-edge act 1\n{payload}");
            let code = HMAC::mac(text, SECRET);
            (payload, BASE64URL_NOPAD.encode(&code))
        };
        match self {
            Self::Any(text) => (*text).to_owned(),
            Self::Signed { act, left } => {
                let act = Act::ALL[usize::from(*act) % Act::ALL.len()].as_str();
                let until = NOW.as_seconds() + i64::from(*left);
                let (payload, code) = signed(&format!("{act} {until} {KEY}"));
                format!("{payload}.{code}")
            }
            Self::Changed { payload } => {
                let (_, code) = signed("take 1795424400 x");
                format!("{}.{code}", BASE64URL_NOPAD.encode(payload.as_bytes()))
            }
        }
    }

    fn opens(&self) -> bool {
        matches!(self, Self::Signed { left, .. } if *left > 0)
    }
}

impl Incident<'_> {
    fn view(&self) -> IncidentView {
        let [origin_id, organization, contact, tool, category, person] =
            self.texts.map(str::to_owned);
        let id = IntegrationId::try_from(ID.to_owned()).expect("an id");
        let about = match self.kind % 3 {
            0 => About::Attempts(u64::from(self.kind)),
            1 => About::Integration {
                id,
                causes: vec![kombo_edge::domain::alert::Cause::InvalidState],
            },
            _ => About::Environment,
        };
        let name = Person::try_from(person).ok();
        IncidentView {
            is_open: self.is_open,
            origin_id: OriginId::try_from(origin_id).ok(),
            organization_name: Some(organization),
            contact: (!contact.is_empty()).then_some(contact),
            connection: Connection {
                tool: Tool::try_from(tool).ok(),
                category: Category::try_from(category).ok(),
            },
            about,
            since: NOW,
            ending: None,
            muted_until: (self.kind > 100).then_some(NOW),
            assignee: name.map(|name| Assignee { name, since: NOW }),
        }
    }
}

impl Input<'_> {
    fn outcome(&self) -> ActOutcome {
        let outcomes = [
            ActOutcome::Done,
            ActOutcome::NotOpen,
            ActOutcome::TakenMeanwhile,
            ActOutcome::TooManyMutes,
        ];
        outcomes[usize::from(self.outcome) % outcomes.len()]
    }
}

/// Goes through the visit.
///
/// # Panics
/// If something is wrong with it.
pub fn check(input: &Input<'_>) {
    let config = config(&[("LINK_SECRET", SECRET), ("KOMBO_API_KEY", "key-0123456789")]);
    let encoded: String = percent_encoding::utf8_percent_encode(
        &input.link.token(),
        percent_encoding::NON_ALPHANUMERIC,
    )
    .to_string();
    let parts = VisitParts {
        query: &format!("link={encoded}"),
        cookie: input.cookie,
        body: input.form.map(str::as_bytes),
        sender: Sender {
            site: Some(if input.is_own {
                "same-origin"
            } else {
                "cross-site"
            }),
            origin: None,
            own: None,
        },
    };
    let (mut visit, mut step) = Visit::begin(&config, parts, NOW).expect("there are pages");
    let may_go_on = input.link.opens() && (input.form.is_none() || input.is_own);
    assert_eq!(visit.is_some(), may_go_on, "{:?}", input.link);
    for _ in 0..4 {
        step = match (step, &mut visit) {
            (Step::Call((_, message)), Some(visit)) => {
                assert!(
                    input.form.is_some() || message.contains("get_incident"),
                    "a look changes nothing: {message}"
                );
                let incident = input.incident.view();
                let reply = if message.contains("get_incident") {
                    Reply::Incident(Box::new(incident))
                } else {
                    Reply::Acted(Box::new(Acted {
                        outcome: input.outcome(),
                        incident,
                    }))
                };
                visit.replied(Some(reply))
            }
            (Step::Ask(question), Some(visit)) => {
                assert!(question.body().is_some());
                let (status, body) = input.kombo;
                visit.answered(Ok(Answered {
                    status,
                    body: body.to_owned(),
                    retry_after: None,
                }))
            }
            (step, _) => step,
        };
    }
    let Step::Finish(finished) = step else {
        panic!("a visit ends after four steps: {step:?}");
    };
    is_inert(&finished.answer.body);
}

/// The elements of a page are our own.
fn is_inert(html: &str) {
    const ELEMENTS: [&str; 22] = [
        "!DOCTYPE", "html", "head", "meta", "title", "link", "script", "body", "main", "h1", "p",
        "div", "strong", "form", "label", "input", "button", "fieldset", "legend", "span", "a",
        "br",
    ];
    assert!(!html.contains("T3xkPq9VwLm2ZrYs8GdHnC5J"), "{html}");
    for part in html.split('<').skip(1) {
        let tag = part.split([' ', '>']).next().unwrap_or_default();
        let element = tag.trim_start_matches('/');
        assert!(ELEMENTS.contains(&element), "{tag} in {html}");
    }
}

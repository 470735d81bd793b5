//! The pages behind the links in messages, on which a person acts on an incident.
//!
//! A GET shows a page and changes nothing, because programs open links, too: unfurlers,
//! scanners of mail, prefetching browsers. A POST acts. Each step is a value here: calling an object and
//! asking Kombo are left to the platform. What an act may do is decided by the Customer that keeps the
//! incident.

mod answers;
mod entry;
mod guard;
mod notes;
mod page;

pub use answers::file;
pub use guard::Sender;

use self::answers::Reader;
use self::entry::{Entered, Entry, EntryError};
use self::page::{PageContext, Said};
use super::api::Call;
use crate::contracts::browser::link::{ActLink, LinkError};
use crate::contracts::kombo::{ConnectUrl, LinkRefusal, NewConnection, Question, connect_url};
use crate::contracts::objects::customer::Message;
use crate::contracts::objects::envelope::Envelope;
use crate::contracts::objects::incident::{About, ActOutcome, Deed, IncidentView};
use crate::contracts::objects::reply::Reply;
use crate::contracts::operator::log::{Line, kind};
use crate::contracts::operator::settings::Config;
use crate::domain::act::{Act, Person};
use crate::domain::alert::Connection;
use crate::domain::http::Answered;
use crate::domain::time::Timestamp;
use crate::edge::answer::{Answer, Refusal};
use crate::edge::route::RouteError;
use crate::machine::Outcome;

/// Longest body of a request to act: a form of a few fields.
pub const MAX_BODY_BYTES: usize = 8 * 1024;

/// What a request to a page has.
#[derive(Debug, Clone, Copy)]
pub struct VisitParts<'a> {
    /// The query, without the question mark.
    pub query: &'a str,
    /// The `Cookie` header, which may hold the person's name.
    pub cookie: Option<&'a str>,
    /// The body of a POST; `None` for a GET.
    pub body: Option<&'a [u8]>,
    /// Where the request comes from, as its browser says.
    pub sender: Sender<'a>,
}

/// What to do next for the answer.
#[derive(Debug)]
pub enum Step {
    /// Call an object, and go on with [`Visit::replied`].
    Call(Call),
    /// Ask Kombo, and go on with [`Visit::answered`].
    Ask(Question),
    /// Send this answer.
    Finish(Box<Finished>),
}

/// The end of a visit.
#[derive(Debug)]
pub struct Finished {
    /// The page.
    pub answer: Answer,
    /// The line of the log, if something was done or refused.
    pub line: Option<Line>,
}

/// A request to a page, between its steps.
#[derive(Debug)]
pub struct Visit<'a> {
    config: &'a Config,
    link: ActLink,
    reader: Reader,
    now: Timestamp,
    stage: Stage,
}

/// What a visit waits for.
#[derive(Debug)]
enum Stage {
    /// The incident, to show the form, with what was wrong with the last entry.
    Form(Option<EntryError>),
    /// What became of the deed.
    Deed(Person),
    /// The incident, to ask Kombo for a link.
    Subject(Box<Entered>),
    /// Kombo's answer.
    Kombo(Person, Box<IncidentView>),
    /// That the new link is noted.
    Record(Person, ConnectUrl, Box<IncidentView>),
}

impl<'a> Visit<'a> {
    /// Reads a request: the visit, and its first step.
    ///
    /// # Errors
    /// A [`Refusal`] if this deployment has no such pages.
    pub fn begin(
        config: &'a Config,
        parts: VisitParts<'_>,
        now: Timestamp,
    ) -> Result<(Option<Self>, Step), Refusal> {
        let secrets = config.settings.link_secrets.as_ref();
        let secrets = secrets.ok_or(Refusal::Route(RouteError::Unknown))?;
        let reader = Reader::of(parts.cookie, parts.sender);
        let token = entry::parameter(parts.query.as_bytes(), "link").unwrap_or_default();
        let link = match ActLink::read(&token, secrets, now) {
            Ok(link) => link,
            Err(error) => return Ok((None, dead_end(config, error))),
        };
        if parts.body.is_some() && !parts.sender.is_own() {
            let answer = answers::foreign(config, link.act);
            return Ok((None, finish(answer, None)));
        }
        let entry = parts.body.map(|body| Entry::read(link.act, body));
        let entry = entry.map(|entry| entry.checked(&config.settings, now));
        let mut visit = Self {
            config,
            link,
            reader,
            now,
            stage: Stage::Form(None),
        };
        let step = match entry {
            None => visit.look(Stage::Form(None)),
            Some(Err(error)) => visit.look(Stage::Form(Some(error))),
            Some(Ok(entered)) => visit.enter(entered),
        };
        Ok((Some(visit), step))
    }

    /// Goes on with an object's reply; `None` if it did not reply.
    pub fn replied(&mut self, reply: Option<Reply>) -> Step {
        let stage = core::mem::replace(&mut self.stage, Stage::Form(None));
        match (stage, reply) {
            (Stage::Record(by, url, incident), reply) => self.made(&by, &url, &incident, reply),
            (_, Some(Reply::Document(None))) => self.show(404, None, &Said::Unknown),
            (Stage::Form(error), Some(Reply::Incident(incident))) => {
                let status = if error.is_some() { 400 } else { 200 };
                self.show(status, Some(&incident), &Said::Form(error))
            }
            (Stage::Subject(entered), Some(Reply::Incident(incident))) => {
                self.ask(*entered, incident)
            }
            (Stage::Deed(by), Some(Reply::Acted(acted))) => {
                let (status, said) = match acted.outcome {
                    ActOutcome::Done => (200, Said::Done),
                    ActOutcome::NotOpen => (409, Said::Form(None)),
                    ActOutcome::TakenMeanwhile => (409, Said::TakenMeanwhile),
                    ActOutcome::TooManyMutes => (409, Said::TooManyMutes),
                };
                let is_done = acted.outcome == ActOutcome::Done;
                let line = is_done.then(|| self.line(&by, &acted.incident));
                self.reader.is(&by);
                self.show_with(status, Some(&acted.incident), &said, line)
            }
            _ => self.show(503, None, &Said::NoReply),
        }
    }

    /// Goes on with Kombo's answer.
    pub fn answered(&mut self, answer: Outcome<Answered>) -> Step {
        let stage = core::mem::replace(&mut self.stage, Stage::Form(None));
        let Stage::Kombo(by, incident) = stage else {
            return self.show(503, None, &Said::NoReply);
        };
        let answer = answer.map_err(|_| LinkRefusal::Unavailable);
        match answer.and_then(|answer| connect_url(&answer)) {
            Ok(url) => {
                let deed = self.deed(Deed::SendLink, by.clone());
                self.stage = Stage::Record(by, url, incident);
                deed
            }
            Err(refusal) => {
                let line = self.line(&by, &incident).ending(kind::ACT_FAILED);
                let line = line.because(refusal.to_string());
                self.reader.is(&by);
                self.show_with(502, Some(&incident), &Said::Refused(refusal), Some(line))
            }
        }
    }

    fn enter(&mut self, entered: Entered) -> Step {
        if self.link.act == Act::SendLink {
            return self.look(Stage::Subject(Box::new(entered)));
        }
        let Entered { by, deed, .. } = entered;
        self.stage = Stage::Deed(by.clone());
        self.deed(deed, by)
    }

    fn look(&mut self, stage: Stage) -> Step {
        self.stage = stage;
        let name = self.link.incident.incident().to_owned();
        self.call(Message::GetIncident { name })
    }

    fn deed(&self, deed: Deed, by: Person) -> Step {
        let name = self.link.incident.incident().to_owned();
        self.call(Message::Act { name, deed, by })
    }

    fn call(&self, message: Message) -> Step {
        Step::Call((self.link.incident.owner(), Envelope::encode(message)))
    }

    /// Asks Kombo for a link, if one can help and all that it takes is known.
    fn ask(&mut self, entered: Entered, incident: Box<IncidentView>) -> Step {
        let Entered { by, email, .. } = entered;
        if !incident.is_open || !incident.takes_link() || self.config.kombo.is_none() {
            return self.show(409, Some(&incident), &Said::Form(None));
        }
        let email = incident.contact.clone().or(email);
        let Some(question) = self.question(&incident, email) else {
            let error = EntryError::Email;
            return self.show(400, Some(&incident), &Said::Form(Some(error)));
        };
        self.stage = Stage::Kombo(by, incident);
        Step::Ask(question)
    }

    /// The question that makes a link; `None` if it takes an address that is not known.
    fn question(&self, incident: &IncidentView, email: Option<String>) -> Option<Question> {
        let language = self.config.settings.links.language;
        if let About::Integration { id, .. } = &incident.about {
            return Some(Question::ReconnectionLink(id.clone(), language));
        }
        let organization = incident.organization_name.clone();
        let id = incident.origin_id.as_ref();
        let organization = organization.or_else(|| id.map(|id| id.as_str().to_owned()));
        Some(Question::ConnectionLink(Box::new(NewConnection {
            origin_id: incident.origin_id.clone(),
            organization_name: organization?,
            email: email?,
            tool: incident.connection.tool.clone()?,
            category: incident.connection.category.clone()?,
            language,
        })))
    }

    /// The page with the new link. It is shown even if it could not be noted: it exists now, and the log
    /// has it.
    fn made(
        &mut self,
        by: &Person,
        url: &ConnectUrl,
        before: &IncidentView,
        reply: Option<Reply>,
    ) -> Step {
        let line = self.line(by, before);
        self.reader.is(by);
        let said = Said::Link(url.clone());
        match reply {
            Some(Reply::Acted(acted)) => {
                self.show_with(200, Some(&acted.incident), &said, Some(line))
            }
            _ => self.show_with(200, Some(before), &said, Some(line)),
        }
    }

    fn show(&self, status: u16, incident: Option<&IncidentView>, said: &Said) -> Step {
        self.show_with(status, incident, said, None)
    }

    fn show_with(
        &self,
        status: u16,
        incident: Option<&IncidentView>,
        said: &Said,
        line: Option<Line>,
    ) -> Step {
        let context = PageContext {
            config: self.config,
            act: self.link.act,
            name: self.reader.name(),
            now: self.now,
        };
        let answer = answers::page(status, page::page(context, incident, said));
        finish(self.reader.remembered_in(answer), line)
    }

    fn line(&self, by: &Person, incident: &IncidentView) -> Line {
        let line = Line::new(self.now, kind::ACT_DONE);
        let line = line
            .of(incident.origin_id.as_ref())
            .acting(self.link.act, by);
        let Connection { tool, category } = &incident.connection;
        match (tool, category) {
            (Some(tool), Some(category)) => line.on(tool, category),
            _ => line,
        }
    }
}

fn dead_end(config: &Config, error: LinkError) -> Step {
    finish(answers::dead_end(config, error), None)
}

fn finish(answer: Answer, line: Option<Line>) -> Step {
    Step::Finish(Box::new(Finished { answer, line }))
}

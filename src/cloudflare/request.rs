//! A request from outside: its head, and its body under a limit.

use worker::js_sys::Uint8Array;
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::Request;
use worker::{ByteStream, Result};

use super::body::read_to;
use crate::contracts::kombo::signature::SIGNATURE_HEADER;
use crate::edge::answer::Refusal;
use crate::edge::delivery::DOCTOR_HEADER;

/// The parts of a request that are needed before its body.
pub(super) struct Head {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) signature: Option<String>,
    pub(super) content_length: Option<String>,
    pub(super) query: String,
    pub(super) authorization: Option<String>,
    /// Whether `npm run doctor` sent it.
    pub(super) is_doctor: bool,
}

impl Head {
    pub(super) fn of(request: &Request) -> Result<Self> {
        let headers = request.headers();
        let (path, query) = path_and_query(&request.url());
        Ok(Self {
            method: request.method(),
            path,
            signature: headers.get(SIGNATURE_HEADER)?,
            content_length: headers.get("content-length")?,
            query,
            authorization: headers.get("authorization")?,
            is_doctor: headers.has(DOCTOR_HEADER)?,
        })
    }
}

/// The path and the query of a URL as the platform writes it: with a scheme and a host.
pub(super) fn path_and_query(url: &str) -> (String, String) {
    let url = url.split('#').next().unwrap_or_default();
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let place = place.split_once("://").map_or(place, |(_, place)| place);
    let path = place.find('/').and_then(|at| place.get(at..));
    (path.unwrap_or("/").to_owned(), query.to_owned())
}

/// Reads the body, and stops as soon as it is over the limit.
pub(super) async fn read(
    request: &Request,
    head: &Head,
    limit: usize,
) -> core::result::Result<Vec<u8>, Refusal> {
    let announced = head.content_length.as_deref();
    let announced: Option<usize> = announced.and_then(|length| length.parse().ok());
    // HTTP delivers no more than was announced, so one promise is enough; a stream would take several.
    if announced.is_some_and(|length| length <= limit) {
        let body = request.array_buffer().map_err(|_| Refusal::BrokenBody)?;
        let body = JsFuture::from(body).await;
        let body = body.map_err(|_| Refusal::BrokenBody)?;
        return Ok(Uint8Array::new(&body).to_vec());
    }
    let Some(stream) = request.body() else {
        return Ok(Vec::new());
    };
    match read_to(ByteStream::from(stream), limit).await {
        Ok(body) if body.is_whole => Ok(body.bytes),
        Ok(_) => Err(Refusal::TooLarge),
        Err(_) => Err(Refusal::BrokenBody),
    }
}

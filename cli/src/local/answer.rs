//! An answer of the local server: the collector's, or one of its own, whole or in parts.

use std::borrow::Cow;

use collector::response::Response;
use serde::Serialize;
use tokio::sync::mpsc;

use super::query::WrongNumber;

/// How many parts wait for a client that reads slowly.
pub(crate) const PARTS_WAITING_MAX: usize = 4;

/// What a client gets.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    pub(crate) content: Content,
}

/// What follows the headers.
#[derive(Debug)]
pub(crate) enum Content {
    /// All of it.
    Whole(Vec<u8>),
    /// One part after the other, until there are no more.
    Parts(mpsc::Receiver<Vec<u8>>),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let content = Content::Whole(response.body.as_bytes().to_vec());
        Self { status: response.status, headers: response.headers, content }
    }
}

impl From<WrongNumber> for Answer {
    fn from(WrongNumber(problem): WrongNumber) -> Self {
        Self::text(400, format!("{problem}\n"))
    }
}

impl Answer {
    /// An answer of this type.
    pub(crate) fn new(status: u16, content_type: &'static str, content: Content) -> Self {
        let headers = vec![(Cow::Borrowed("Content-Type"), Cow::Borrowed(content_type))];
        Self { status, headers, content }
    }

    /// Text.
    pub(crate) fn text(status: u16, text: impl Into<String>) -> Self {
        let content = Content::Whole(text.into().into_bytes());
        Self::new(status, "text/plain; charset=UTF-8", content)
    }

    /// JSON.
    pub(crate) fn json(status: u16, value: &impl Serialize) -> Self {
        // Texts and numbers of ours: there is nothing that could not be written.
        let content = Content::Whole(serde_json::to_vec(value).unwrap_or_default());
        Self::new(status, "application/json", content)
    }

    /// Parts that come as they are made.
    pub(crate) fn parts(content_type: &'static str, parts: mpsc::Receiver<Vec<u8>>) -> Self {
        Self::new(200, content_type, Content::Parts(parts))
    }

    /// What could not be read, in words.
    pub(crate) fn unreadable(error: &rusqlite::Error) -> Self {
        Self::text(500, format!("the data directory cannot be read: {error}\n"))
    }

    /// The same with a header line.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((Cow::Borrowed(name), value.into()));
        self
    }

    /// The same for scripts of any page: tests in a browser read what they caused.
    pub(crate) fn for_every_origin(self) -> Self {
        self.with("Access-Control-Allow-Origin", "*")
    }
}

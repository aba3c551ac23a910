//! Who answers what: the pipeline's own paths, Service Pings, and the collector for everything else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use collector::Collector;
use collector::request::{Method, Request};
use tokio::sync::{mpsc, oneshot, watch};

use super::answer::Answer;
use super::functions::{self, Pings};
use super::micro::{self, Micro};
use super::reader::Reader;
use super::sinks::Queued;
use super::space::{Place, place, within};
use super::stream::Stream;
use super::worker::{Target, Work};
use super::{downloads, page, ping};

/// As long as a function behind API Gateway would have.
const DEADLINE: Duration = Duration::from_secs(10);
/// Spaces whose functions are kept at hand; they are made anew when needed.
const SPACES_HELD_MAX: usize = 256;

/// Everything that answers requests.
pub(crate) struct Door {
    pub(super) config: collector::Config,
    pub(super) micro: Micro,
    pub(super) key_file: std::path::PathBuf,
    pub(super) policy: Arc<page::InUse>,
    pub(super) queue: mpsc::Sender<Work>,
    /// Rises with every turn of the worker.
    pub(super) changed: watch::Receiver<u64>,
    pub(super) reader: Reader,
    pub(super) spaces: Mutex<BTreeMap<Arc<str>, Arc<Space>>>,
}

/// The functions that write into one space.
pub(super) struct Space {
    collector: Collector<Queued>,
    pings: Pings,
}

impl Door {
    /// Answers one request.
    pub(crate) async fn answer(self: &Arc<Self>, request: &Request<'_>) -> Answer {
        let Ok(Place { space, path }) = place(request) else {
            return Answer::text(400, "a space is named by letters, digits, dots and hyphens\n");
        };
        if self.micro.takes(path) {
            return micro::answer(self, request, (space, path)).await;
        }
        if let Some(path) = path.strip_prefix("/whiteout/") {
            let answer = self.own(request, (space, path)).await;
            // Tests in a browser read streams from their own pages. What the page of the pipeline
            // reads is for that page alone: any other in the same browser could ask SQL.
            return if path.starts_with("api/") { answer } else { answer.for_every_origin() };
        }
        if let Some(page) = page::page(self, request.method, path) {
            return page;
        }
        let functions = match self.space(space) {
            Ok(functions) => functions,
            Err(problem) => return Answer::text(500, problem),
        };
        let request = within(request, path);
        let deadline = Instant::now() + DEADLINE;
        match ping::answer(&functions.pings, &request, deadline).await {
            Some(answer) => answer,
            None => functions.collector.respond(&request, "", deadline).await.into(),
        }
    }

    async fn own(self: &Arc<Self>, request: &Request<'_>, (space, path): (&str, &str)) -> Answer {
        let is_read = matches!(request.method, Method::Get | Method::Head);
        match (request.method, path) {
            (Method::Options, _) => Answer::text(200, "")
                .with("Access-Control-Allow-Headers", "Content-Type, X-Whiteout-Space")
                .with("Access-Control-Allow-Methods", "GET, POST, OPTIONS"),
            (Method::Post, "reset") => match self.reset(space).await {
                Ok(()) => Answer::text(200, "everything is forgotten\n"),
                Err(problem) => Answer::text(503, problem),
            },
            (_, "objects") if is_read => downloads::objects(&self.reader, space).await,
            _ => {
                if let Some(stream) = path.strip_prefix("streams/").and_then(Stream::by_name)
                    && is_read
                {
                    return downloads::stream(&self.reader, (space, stream));
                }
                if let Some(key) = path.strip_prefix("objects/")
                    && is_read
                {
                    return downloads::object(&self.reader, key).await;
                }
                let page = page::own(self, request, (space, path)).await;
                page.unwrap_or_else(|| Answer::text(404, OWN_PATHS))
            }
        }
    }

    /// Forgets everything of a space.
    pub(crate) async fn reset(&self, space: &str) -> Result<(), String> {
        let (done, outcome) = oneshot::channel();
        let reset = Work::Reset { space: space.into(), done };
        let ended = || "the pipeline has ended".to_owned();
        self.queue.send(reset).await.map_err(|_| ended())?;
        outcome.await.map_err(|_| ended())?
    }

    /// The functions of a space.
    fn space(&self, name: &str) -> Result<Arc<Space>, String> {
        let mut spaces = self.spaces.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(space) = spaces.get(name) {
            return Ok(Arc::clone(space));
        }
        let name: Arc<str> = name.into();
        let queued = |to| Queued { to, space: Arc::clone(&name), queue: self.queue.clone() };
        let streams = [Stream::RawGood, Stream::RawBad].map(|it| queued(Target::Stream(it)));
        let collector = functions::collector(&self.config, streams);
        let pings =
            functions::pings(&self.key_file, |kind| queued(Target::Pings(ping::folder(kind))))?;
        let space = Arc::new(Space { collector, pings });
        if spaces.len() >= SPACES_HELD_MAX {
            // The one of everybody sorts first; any other will do.
            spaces.pop_last();
        }
        spaces.insert(name, Arc::clone(&space));
        Ok(space)
    }
}

const OWN_PATHS: &str = "\
here are
  GET  /whiteout/streams/{raw-good|raw-bad|enriched-good|enriched-bad|enriched-failed}
  GET  /whiteout/objects and /whiteout/objects/KEY
  POST /whiteout/reset
  GET  /whiteout/api/..., which is the page's
each also below /whiteout/space/NAME, as is everything that a tracker asks for
";

//! The steps of a recipe, done to a payload.

use json_tree::{Json, Object};

use super::described::{self, Verdict};
use super::draft::{Content, Draft};
use super::fate::Reason;
use super::json::{change, change_field};
use super::query;
use super::recipe::{Act, Described, Inside, Part, PathStep, Step};
use super::request::{Request, events};

/// Where the parameters of an event stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// They are all that there is.
    Alone,
    /// In the query string, whose parameters count for every event of a body.
    InQuery {
        has_body: bool,
    },
    InBody,
}

impl Draft {
    /// Does a step; whether anything is another than before.
    pub(super) fn follow(&mut self, step: &Step) -> Result<bool, Reason> {
        match step {
            // Whoever follows the recipe drops the row.
            Step::Drop => Ok(false),
            Step::Become { inside, to } => {
                let uri = to.as_str();
                self.change_described(inside, &mut |object| {
                    if object.get("schema").and_then(Json::as_str) == Some(uri) {
                        return Verdict::AsItWas;
                    }
                    object.insert("schema", Json::text(uri.to_owned()));
                    Verdict::Changed
                })
            }
            Step::Json { inside, path, act } => {
                self.change_described(inside, &mut |object| change_data(object, path, act))
            }
            Step::Parameter { name, act } => {
                let act = textual(act);
                self.change_parameters(&mut |parameters, stands| {
                    let sets = matches!(act, Act::Set(_)) && !parameters.contains_key(name);
                    if sets && stands == (Stands::InQuery { has_body: true }) {
                        return false;
                    }
                    change_parameter(parameters, name, &act)
                })
            }
            Step::Request { part, act } => self.change_part(*part, act),
        }
    }

    /// Calls this with the parameters of every event, wherever they stand.
    fn change_parameters(
        &mut self,
        change: &mut impl FnMut(&mut Object<'static>, Stands) -> bool,
    ) -> Result<bool, Reason> {
        let charset = self.charset();
        let request = match &mut self.content {
            Content::Event(parameters) => return Ok(change(parameters, Stands::Alone)),
            Content::Request(request) => request,
        };
        let mut body = request.json();
        let in_body = body.as_mut().and_then(events);
        let stands = Stands::InQuery { has_body: in_body.is_some() };
        let mut asked = query::read(request.query.as_deref().unwrap_or_default(), charset);
        let mut changed = change(&mut asked, stands);
        if changed {
            let text = query::written(&asked, charset).ok_or(Reason::Encoding)?;
            request.query = Some(text).filter(|text| !text.is_empty());
        }
        let mut is_body_changed = false;
        for event in in_body.into_iter().flatten().filter_map(Json::as_object_mut) {
            is_body_changed |= change(event, Stands::InBody);
        }
        if let Some(body) = body.filter(|_| is_body_changed) {
            request.set_json(&body);
            changed = true;
        }
        Ok(changed)
    }

    fn change_described(
        &mut self,
        inside: &Inside,
        change: &mut impl FnMut(&mut Object<'static>) -> Verdict,
    ) -> Result<bool, Reason> {
        if let Content::Request(request) = &mut self.content
            && inside.place == Described::Event
            && let Some(mut body) = request.json().filter(|_| is_webhook(request))
        {
            // The body is the event itself.
            let changed = described::one(&mut body, inside, change) != Verdict::AsItWas;
            if changed {
                request.set_json(&body);
            }
            return Ok(changed);
        }
        self.change_parameters(&mut |parameters, _| described::each_in(parameters, inside, change))
    }

    /// A single event becomes a request first, since alone it has no query string and no body.
    fn change_part(&mut self, part: Part, act: &Act) -> Result<bool, Reason> {
        let of_request = [Part::Path, Part::Query, Part::Body, Part::ContentType].contains(&part);
        if of_request {
            *self = self.clone().into_request()?;
        }
        if part == Part::Body {
            return Ok(self.change_body(act));
        }
        let Some(text) = self.part(part) else { return Ok(false) };
        let before = text.clone();
        match act {
            Act::Set(value) => *text = Some(query::plain(value).into_owned()),
            Act::Remove => *text = None,
            Act::Replace(pattern, with) => {
                *text = before.as_deref().map(|it| pattern.replace_all(it, with).into_owned());
            }
            // The reader of recipes refuses these.
            Act::Cast(_) | Act::Rename(_) => {}
        }
        Ok(*text != before)
    }

    fn change_body(&mut self, act: &Act) -> bool {
        let Content::Request(request) = &mut self.content else { return false };
        let before = request.body.clone();
        match act {
            Act::Set(value) => request.body = Some(query::plain(value).into_owned().into_bytes()),
            Act::Remove => request.body = None,
            Act::Replace(pattern, with) => {
                if let Some(text) = before.as_deref().and_then(|it| str::from_utf8(it).ok()) {
                    request.body = Some(pattern.replace_all(text, with).into_owned().into_bytes());
                }
            }
            Act::Cast(_) | Act::Rename(_) => {}
        }
        request.body != before
    }

    fn part(&mut self, part: Part) -> Option<&mut Option<String>> {
        let request = match &mut self.content {
            Content::Request(request) => Some(request),
            Content::Event(_) => None,
        };
        match part {
            Part::Path => request.map(|it| &mut it.path),
            Part::Query => request.map(|it| &mut it.query),
            Part::ContentType => request.map(|it| &mut it.content_type),
            Part::Body => None,
            Part::Hostname => Some(&mut self.hostname),
            Part::IpAddress => Some(&mut self.ip_address),
            Part::UserAgent => Some(&mut self.user_agent),
            Part::Referer => Some(&mut self.referer),
            Part::NetworkUserId => Some(&mut self.network_user_id),
        }
    }
}

/// Whether the body of a request describes itself and wraps no events of a tracker.
fn is_webhook(request: &Request) -> bool {
    let body = request.json();
    body.is_some_and(|mut body| {
        body.get("schema").and_then(Json::as_str).is_some() && events(&mut body).is_none()
    })
}

/// Changes the data of an event or an entity.
fn change_data(object: &mut Object<'static>, path: &[PathStep], act: &Act) -> Verdict {
    if path.is_empty() && matches!(act, Act::Remove) {
        return Verdict::Removed;
    }
    let changed = object.get_mut("data").is_some_and(|data| change(data, path, act));
    if changed { Verdict::Changed } else { Verdict::AsItWas }
}

/// Parameters are texts, so that what is set or cast becomes one.
fn change_parameter(parameters: &mut Object<'static>, name: &str, act: &Act) -> bool {
    let before = parameters.get(name).cloned();
    if !change_field(parameters, name, act) {
        return false;
    }
    if let (Act::Cast(_), Some(value)) = (act, parameters.get_mut(name)) {
        *value = Json::text(query::plain(value).into_owned());
    }
    parameters.get(name) != before.as_ref() || matches!(act, Act::Rename(_))
}

fn textual(act: &Act) -> Act {
    match act {
        Act::Set(value) => Act::Set(Json::text(query::plain(value).into_owned())),
        Act::Cast(to) => Act::Cast(*to),
        Act::Remove => Act::Remove,
        Act::Rename(to) => Act::Rename(to.clone()),
        Act::Replace(pattern, with) => Act::Replace(pattern.clone(), with.clone()),
    }
}

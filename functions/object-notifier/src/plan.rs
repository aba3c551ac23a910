//! What is to be done with each object of a batch, decided before anything is sent.

use std::collections::BTreeMap;

use crate::event::Body;
use crate::key::Sequencer;
use crate::outcome::Outcome;
use crate::record::Object;
use crate::routes::{Routes, Verdict};

/// What is to be sent, and for whom.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) sendings: Vec<Sending>,
    /// The places of messages that nobody can read, in whole or in part.
    pub(crate) malformed: Vec<usize>,
    /// The keys that no route knows.
    pub(crate) unrouted: Vec<String>,
    pub(crate) outcome: Outcome,
}

/// One object on its way.
#[derive(Debug)]
pub(crate) struct Sending {
    /// The message in the shape that Snowpipe reads.
    pub(crate) text: String,
    /// The places of its targets.
    pub(crate) targets: Vec<usize>,
    /// The places of the messages that stand or fall with it.
    pub(crate) messages: Vec<usize>,
}

/// Which write of which object.
type Identity = (String, String, Sequencer);

/// Adds messages to a plan, one by one.
#[derive(Debug)]
pub(crate) struct Planner<'r> {
    routes: &'r Routes,
    plan: Plan,
    /// The places of sendings; nothing for an object that no route knows.
    seen: BTreeMap<Identity, Option<usize>>,
}

impl<'r> Planner<'r> {
    pub(crate) fn new(routes: &'r Routes) -> Self {
        Self { routes, plan: Plan::default(), seen: BTreeMap::new() }
    }

    /// Adds a message; without a body it is one that nobody can read.
    pub(crate) fn add(&mut self, body: Option<&Body<'_>>) {
        let message = self.plan.outcome.messages;
        self.plan.outcome.messages += 1;
        let is_whole = match body {
            None => false,
            Some(Body::Test) => true,
            Some(Body::Bridged(event)) => self.object(message, Object::of_event_bridge(event)),
            Some(Body::Records(records)) => {
                // Each is looked at, although one is enough to fail the message.
                let failed = self.plan.outcome.failed;
                for record in records {
                    self.object(message, Object::of_s3(record.get()));
                }
                self.plan.outcome.failed == failed
            }
        };
        if !is_whole {
            self.plan.malformed.push(message);
            self.plan.outcome.malformed += 1;
        }
    }

    pub(crate) fn finish(self) -> Plan {
        self.plan
    }

    /// Adds an object, and says whether it could be read.
    fn object(&mut self, message: usize, object: Option<Object<'_>>) -> bool {
        let Self { routes, plan, seen } = self;
        plan.outcome.objects += 1;
        let Some(object) = object else {
            plan.outcome.failed += 1;
            return false;
        };
        let is_wanted = object.is_created && object.size != Some(0);
        let verdict = if is_wanted { routes.verdict(&object.key) } else { Verdict::Ignore };
        if verdict == Verdict::Ignore {
            plan.outcome.ignored += 1;
            return true;
        }
        // Without a sequencer two writes cannot be told apart, and none may be lost.
        let sequencer = object.sequencer.clone();
        let identity = sequencer.map(|it| (object.bucket.to_string(), object.key.clone(), it));
        if let Some(earlier) = identity.as_ref().and_then(|identity| seen.get(identity)) {
            plan.outcome.duplicates += 1;
            if let Some(sending) = earlier.and_then(|place| plan.sendings.get_mut(place)) {
                sending.messages.push(message);
            }
            return true;
        }
        let place = match verdict {
            Verdict::Send(targets) => {
                plan.sendings.push(Sending {
                    text: format!("{{\"Records\":[{}]}}", object.record),
                    targets: targets.to_vec(),
                    messages: vec![message],
                });
                Some(plan.sendings.len() - 1)
            }
            Verdict::Ignore | Verdict::Unrouted => {
                plan.outcome.unrouted += 1;
                plan.unrouted.push(object.key);
                None
            }
        };
        seen.extend(identity.map(|identity| (identity, place)));
        true
    }
}

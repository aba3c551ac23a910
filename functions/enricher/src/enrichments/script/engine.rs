//! One script in one engine: QuickJS with limits, and without anything that reaches out of it.

use std::sync::Arc;

use rquickjs::context::intrinsic::{
    Date, Eval, Json, MapSet, Promise, RegExp, RegExpCompiler, TypedArrays,
};
use rquickjs::{Context, Ctx, Function, Runtime, Value};

use super::host::{self, Desk, Host};
use super::limits::{MEMORY_BYTES_MAX, RESULT_BYTES_MAX, STACK_BYTES_MAX, THROWN_CHARS_MAX};

const PRELUDE: &str = include_str!("prelude.js");
const GUARDS: &str = include_str!("guards.js");

/// No `Proxy`, which would hide work from the limits, and nothing that waits.
type Builtins = (Date, Eval, RegExpCompiler, RegExp, Json, MapSet, TypedArrays, Promise);

/// What an engine is made of.
pub(super) struct Program {
    pub(super) source: String,
    /// The second argument of `process`, as JSON.
    pub(super) parameters: String,
}

/// Why a script gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// What was thrown, or what is wrong with what it gave.
    Thrown(String),
    /// It took more than it may, and its engine cannot be used again.
    Exceeded(&'static str),
}

/// An engine that has read its script.
pub(super) struct Engine {
    context: Context,
    host: Arc<Host>,
    /// Whether it has not seen an event yet.
    pub(super) is_fresh: bool,
}

impl Engine {
    /// Reads the script; an error says why it cannot be used.
    pub(super) fn new(program: &Program) -> Result<Self, String> {
        let unusable = |error: rquickjs::Error| format!("no engine: {error}");
        let runtime = Runtime::new().map_err(unusable)?;
        runtime.set_memory_limit(MEMORY_BYTES_MAX);
        runtime.set_max_stack_size(STACK_BYTES_MAX);
        let host = Host::new();
        let watched = Arc::clone(&host);
        runtime.set_interrupt_handler(Some(Box::new(move || watched.budget.is_over())));
        let context = Context::custom::<Builtins>(&runtime).map_err(unusable)?;
        let engine = Self { context, host, is_fresh: true };
        engine.context.with(|ctx| engine.read(&ctx, program))?;
        Ok(engine)
    }

    fn read(&self, ctx: &Ctx<'_>, program: &Program) -> Result<(), String> {
        let told = |error| match self.failure(ctx, &error) {
            Failure::Thrown(text) => text,
            Failure::Exceeded(limit) => limit.to_owned(),
        };
        let prepare = || {
            let prelude: Function<'_> = ctx.eval(PRELUDE)?;
            let functions = host::object(ctx, &self.host)?;
            let parameters = program.parameters.as_str();
            prelude.call::<_, ()>((functions, host::columns(ctx)?, parameters))?;
            let guards: Function<'_> = ctx.eval(GUARDS)?;
            guards.call::<_, ()>((host::charge(ctx, &self.host)?,))?;
            // A script is no strict code unless it says so: it may set variables nobody declared.
            let mut options = rquickjs::context::EvalOptions::default();
            options.strict = false;
            ctx.eval_with_options::<Value<'_>, _>(program.source.as_str(), options)?;
            ctx.globals().get::<_, Function<'_>>(" check")?.call::<_, bool>(())
        };
        match prepare() {
            Ok(true) => Ok(()),
            Ok(false) => Err("there is no function `process`".to_owned()),
            Err(error) => Err(told(error)),
        }
    }

    /// Lets the script work on an event, and gives the JSON of its entities and the desk.
    pub(super) fn run(&mut self, desk: Desk, headers: &[&str]) -> (Result<String, Failure>, Desk) {
        *self.host.desk() = desk;
        self.host.budget.begin();
        let result = self.context.with(|ctx| {
            let answer = ctx
                .globals()
                .get::<_, Function<'_>>(" run")
                .and_then(|run| run.call::<_, String>((headers.to_vec(),)));
            answer.map_err(|error| self.failure(&ctx, &error))
        });
        self.is_fresh = false;
        let desk = std::mem::take(&mut *self.host.desk());
        (result.and_then(|answer| self.judged(&answer)), desk)
    }

    /// Takes apart what `run` in `prelude.js` gives.
    fn judged(&self, answer: &str) -> Result<String, Failure> {
        if self.host.budget.was_exceeded() {
            return Err(Failure::Exceeded(TOO_LONG));
        }
        if self.context.runtime().is_job_pending() {
            return Err(Failure::Exceeded("the script waits for something, and nothing comes"));
        }
        if answer.len() > RESULT_BYTES_MAX {
            return Err(Failure::Thrown(format!(
                "the result is larger than {RESULT_BYTES_MAX} bytes"
            )));
        }
        match answer.split_at_checked(1) {
            Some(("=", json)) => Ok(json.to_owned()),
            Some(("!", thrown)) => Err(thrown_failure(thrown)),
            _ => Err(Failure::Thrown("the result is no JSON".to_owned())),
        }
    }

    /// What an error of the engine means.
    fn failure(&self, ctx: &Ctx<'_>, error: &rquickjs::Error) -> Failure {
        if self.host.budget.was_exceeded() {
            return Failure::Exceeded(TOO_LONG);
        }
        if !matches!(error, rquickjs::Error::Exception) {
            return Failure::Thrown(cut(&error.to_string()));
        }
        let thrown = ctx.catch();
        let exception = thrown.as_exception();
        match exception {
            Some(exception) => thrown_failure(&exception.message().unwrap_or_default()),
            // The engine has no memory left to say so.
            None if thrown.is_null() => Failure::Exceeded(TOO_LARGE),
            None => Failure::Thrown("something that is no error was thrown".to_owned()),
        }
    }
}

const TOO_LONG: &str = "the script takes too long";
const TOO_LARGE: &str = "the script takes too much memory";

fn thrown_failure(text: &str) -> Failure {
    // The engine's own words; a script that says the same only gets a new engine.
    if text.ends_with("out of memory") || text == "null" {
        return Failure::Exceeded(TOO_LARGE);
    }
    Failure::Thrown(cut(text))
}

fn cut(text: &str) -> String {
    text.chars().take(THROWN_CHARS_MAX).collect()
}

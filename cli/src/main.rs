#![doc = include_str!("../README.md")]

mod assets;
mod classify;
mod config;
mod cost;
mod enrich;
mod iglu;
mod key;
mod local;
mod network;
mod policies;
mod policy;
mod pseudonymize;
mod pull;
mod recover;
mod registries;
mod sql;
mod warehouse;

use std::io::Write as _;
use std::process::ExitCode;

use config::{Command, Usage};

fn main() -> ExitCode {
    match Command::from_process() {
        Ok(Command::Help) => say(config::HELP),
        Ok(Command::Version) => say(concat!("whiteout ", env!("CARGO_PKG_VERSION"))),
        Ok(Command::Enrich(options)) => end(enrich::run(&options)),
        Ok(Command::IgluLint(folder)) => end(iglu::lint(&folder)),
        Ok(Command::IgluPull(options)) => end(pull::run(&options)),
        Ok(Command::Local(options)) => end(local::run(&options)),
        Ok(Command::Pseudonymize(options)) => end(pseudonymize::run(&options)),
        Ok(Command::PolicyLint(options)) => end(policy::lint::run(&options)),
        Ok(Command::PolicyDiff(options)) => end(policy::diff::run(&options)),
        Ok(Command::PolicyExplain(options)) => end(policy::explain::run(&options)),
        Ok(Command::Key(options)) => end(key::run(&options)),
        Ok(Command::Classify(options)) => end(classify::run(&options)),
        Ok(Command::Sql(options)) => end(sql::run(&options)),
        Ok(Command::Export(options)) => end(sql::export(&options)),
        Ok(Command::Cost(options)) => end(cost::run(&options)),
        Ok(Command::Recover(options)) => end(recover::run(&options)),
        Err(Usage(message)) => complain(&format!("{message}\n\n{}", config::HELP), 2),
    }
}

fn end(result: Result<(), impl std::error::Error>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error.to_string(), 1),
    }
}

fn say(text: &str) -> ExitCode {
    // Whoever closed the pipe has read enough.
    writeln!(std::io::stdout(), "{text}").ok();
    ExitCode::SUCCESS
}

#[allow(clippy::print_stderr, reason = "a command tells its user what went wrong")]
fn complain(message: &str, code: u8) -> ExitCode {
    eprintln!("whiteout: {message}");
    ExitCode::from(code)
}

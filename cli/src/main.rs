#![doc = include_str!("../README.md")]

mod config;
mod enrich;
mod iglu;
mod local;
mod network;
mod pull;
mod registries;

use std::io::Write as _;
use std::process::ExitCode;

use config::{Command, Usage};

fn main() -> ExitCode {
    match Command::from_process() {
        Ok(Command::Help) => say(config::HELP),
        Ok(Command::Version) => say(concat!("whiteout ", env!("CARGO_PKG_VERSION"))),
        Ok(Command::Enrich(options)) => match enrich::run(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error.to_string(), 1),
        },
        Ok(Command::IgluLint(folder)) => match iglu::lint(&folder) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error.to_string(), 1),
        },
        Ok(Command::IgluPull(options)) => match pull::run(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error.to_string(), 1),
        },
        Ok(Command::Local(options)) => match local::run(&options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error.to_string(), 1),
        },
        Err(Usage(message)) => complain(&format!("{message}\n\n{}", config::HELP), 2),
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

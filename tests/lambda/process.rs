//! A function's binary as a child process below the stub of the Runtime API.

use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use function_env::Variables;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::runtime_api::{RuntimeApi, Said};

/// Long enough for a busy machine; nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);
/// The time that an invocation gets.
pub(crate) const TIME: Duration = Duration::from_secs(10);

/// The release binary of a function: `COLLECTOR_BIN`, `OBJECT_NOTIFIER_BIN` and the like, or built here.
pub(crate) fn binary(function: &str) -> PathBuf {
    let variable = format!("{}_BIN", function.to_uppercase().replace('-', "_"));
    match Variables::from_process().get(&variable) {
        Some(path) => PathBuf::from(path),
        None => build(&["--package", function, "--bin", function], function),
    }
}

/// Builds a program with the release profile.
pub(crate) fn build(what: &[&str], path: &str) -> PathBuf {
    let what: Vec<&str> = ["--release"].iter().chain(what).copied().collect();
    crate::pipeline::build(&what, &Path::new("release").join(path))
}

/// A running function; it ends with the value.
pub(crate) struct Function {
    pub(crate) api: RuntimeApi,
    child: Child,
    output: Vec<JoinHandle<String>>,
}

/// What a function has left behind.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The environment that Lambda and the template give, with a Kinesis on this port.
pub(crate) fn environment(
    function: &str,
    [good, bad]: [&str; 2],
    kinesis: u16,
) -> Vec<(&'static str, String)> {
    let mut variables = environment_of_lambda(function, kinesis);
    variables.extend([("STREAM_GOOD", good.to_owned()), ("STREAM_BAD", bad.to_owned())]);
    variables
}

/// What Lambda gives to every function, with AWS on this port.
pub(crate) fn environment_of_lambda(function: &str, aws: u16) -> Vec<(&'static str, String)> {
    let endpoint = format!("http://127.0.0.1:{aws}");
    let log_group = format!("/aws/lambda/{function}");
    [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", log_group.as_str()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "one"),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

impl Function {
    pub(crate) fn start(binary: PathBuf, environment: Vec<(&'static str, String)>) -> Self {
        let api = RuntimeApi::start();
        let mut child = Command::new(binary)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", api.port))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output =
            vec![collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap())];
        Self { api, child, output }
    }

    /// Invokes the function and waits for what it makes of the event.
    pub(crate) fn invoke(&mut self, event: &str, time: Duration) -> Result<Value, String> {
        let sent = self.api.send(event, time);
        match self.next() {
            Some(Said::Answer { id, body }) if id == sent => {
                Ok(serde_json::from_str(&body).expect("an answer is JSON"))
            }
            Some(Said::Error { id, body }) if id == sent => Err(body),
            other => panic!("{sent} led to {other:?}"),
        }
    }

    /// What the function says next; fails at once when its process has ended.
    fn next(&mut self) -> Option<Said> {
        let slice = Duration::from_secs(1);
        for _ in 0..PATIENCE.as_secs() {
            if let Some(said) = self.api.listen(slice) {
                return Some(said);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                let Ended { status, stdout, stderr } = self.output(status);
                panic!("the process has ended, {status}: {stdout}{stderr}");
            }
        }
        None
    }

    /// Lines of /proc/<pid>/status, in kB; `None` on systems that have no such file.
    pub(crate) fn memory_kilobytes(&self, names: [&str; 2]) -> Option<[usize; 2]> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).ok()?;
        Some(names.map(|name| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("the line");
            line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
        }))
    }

    /// Waits until the process ends by itself.
    pub(crate) fn wait(&mut self) -> Ended {
        let tries = PATIENCE.as_millis() / PAUSE.as_millis();
        let status = (0..tries).find_map(|_| {
            std::thread::park_timeout(PAUSE);
            self.child.try_wait().unwrap()
        });
        self.output(status.expect("the process ends by itself"))
    }

    /// Asks the process to end, as Lambda does before it takes an environment down, and returns what
    /// it has written by then.
    pub(crate) fn terminate(mut self) -> Ended {
        assert!(self.child.try_wait().unwrap().is_none(), "the process lives");
        let id = Pid::from_child(&self.child);
        kill_process(id, Signal::TERM).unwrap();
        self.wait()
    }

    /// Ends the process and returns what it has written.
    pub(crate) fn end(mut self) -> Ended {
        assert!(self.child.try_wait().unwrap().is_none(), "the process lives");
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        self.output(status)
    }

    fn output(&mut self, status: ExitStatus) -> Ended {
        let mut texts = self.output.drain(..).map(|reader| reader.join().unwrap());
        let (stdout, stderr) = (texts.next().unwrap(), texts.next().unwrap());
        Ended { status, stdout, stderr }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Starts the program without these variables and returns what it says as it refuses.
pub(crate) fn refusal(
    binary: PathBuf,
    mut variables: Vec<(&'static str, String)>,
    without: &[&str],
) -> String {
    variables.retain(|(name, _)| !without.contains(name));
    let mut function = Function::start(binary, variables);
    let ended = function.wait();
    assert!(!ended.status.success(), "{:?}", ended.status);
    let reported = match function.api.listen(Duration::ZERO) {
        Some(Said::InitError { body }) => body,
        Some(other) => panic!("{other:?}"),
        None => String::new(),
    };
    [reported, ended.stdout, ended.stderr].concat()
}

fn collect(pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let lines = BufReader::new(pipe).split(b'\n').map_while(Result::ok);
        lines.map(|line| String::from_utf8_lossy(&line).into_owned() + "\n").collect()
    })
}

//! `whiteout local` as a process on a free port, for tests that talk to it as a user would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use function_env::Variables;
use regex_lite::Regex;

use crate::house_rules::root;

/// How long an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// More than any test's stream holds.
const ANSWER_BYTES_MAX: u64 = 100_000_000;

/// `whiteout local`; it ends with the value.
pub(crate) struct Pipeline {
    pub(crate) binary: PathBuf,
    pub(crate) address: String,
    pub(crate) child: Child,
}

impl Pipeline {
    pub(crate) fn start(args: &[&str]) -> Self {
        let binary = whiteout();
        let mut command = Command::new(&binary);
        command.args(["local", "--port", "0", "--ephemeral"]).args(args);
        Self::spawn(&mut command)
    }

    /// One that keeps its state in a folder.
    pub(crate) fn over(folder: &Path, args: &[&str]) -> Self {
        let mut command = Command::new(whiteout());
        command.args(["local", "--port", "0", "--data-dir"]).arg(folder).args(args);
        Self::spawn(&mut command)
    }

    /// One that a command starts; it must get ready.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let binary = whiteout();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let started = Regex::new("started at http://([0-9.:]+)").unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(started.captures(&line)?[1].to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        Self { binary, address: address.expect("whiteout says where it runs"), child }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes on a connection of their own and reads until the server closes it.
    pub(crate) fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.write_all(bytes).unwrap();
        read_all(stream)
    }

    /// The lines of a stream.
    pub(crate) fn stream(&self, name: &str) -> Vec<serde_json::Value> {
        self.lines(&format!("/whiteout/streams/{name}"))
    }

    /// What a path answers, line by line. The protocol is the older one, whose answers have no chunks.
    pub(crate) fn lines(&self, path: &str) -> Vec<serde_json::Value> {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        body.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The status and the body of what a path answers.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let answer =
            self.exchange(format!("GET {path} HTTP/1.0\r\nHost: local\r\n\r\n").as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap(), body.to_owned())
    }

    /// Posts JSON on a connection of its own; nothing if the connection breaks.
    pub(crate) fn post(&self, path: &str, body: &str) -> Option<u16> {
        let mut stream = TcpStream::connect(&self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: local\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let answer = read_all(stream);
        answer.split(' ').nth(1).and_then(|status| status.parse().ok())
    }

    /// Sends the process a signal and waits for its end.
    pub(crate) fn end(mut self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

/// Everything that the server says until it closes the connection.
pub(crate) fn read_all(stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // A connection that breaks off has said what it had to say.
    std::io::copy(&mut stream.take(ANSWER_BYTES_MAX), &mut answer).ok();
    String::from_utf8_lossy(&answer).into_owned()
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The command: `WHITEOUT_BIN`, or built here.
pub(crate) fn whiteout() -> PathBuf {
    if let Some(path) = Variables::from_process().get("WHITEOUT_BIN") {
        return PathBuf::from(path);
    }
    build(&["--profile", "quick", "--package", "whiteout"], Path::new("quick/whiteout"))
}

/// Builds something of the workspace and says where it is, given its place in the target folder.
pub(crate) fn build(what: &[&str], place: &Path) -> PathBuf {
    let target = Variables::from_process().get("CARGO_TARGET_DIR").unwrap_or("target").to_owned();
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--target-dir", &target])
        .args(what)
        .current_dir(root())
        .status()
        .unwrap();
    assert!(status.success(), "cargo build {what:?}");
    root().join(target).join(place)
}

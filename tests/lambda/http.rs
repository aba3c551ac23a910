//! Just enough HTTP/1.1 to play AWS: a server on a free port, and a client.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A request or an answer.
#[derive(Debug, Default)]
pub(super) struct Message {
    /// The words of the first line.
    pub(super) start: Vec<String>,
    /// Header lines, names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let start = vec!["HTTP/1.1".into(), status.to_string(), "-".into()];
        Self { start, headers: headers.collect(), body: body.into() }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Reads one; `None` when the other side has closed the connection.
    fn read(from: &mut impl BufRead) -> Option<Self> {
        let start = line(from).filter(|start| !start.is_empty())?;
        let start = start.split(' ').map(str::to_owned).collect();
        let mut headers = Vec::new();
        loop {
            let line = line(from)?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut message = Self { start, headers, body: Vec::new() };
        if message.header("transfer-encoding").is_some_and(|encoding| encoding == "chunked") {
            loop {
                let size = usize::from_str_radix(line(from)?.trim(), 16).ok()?;
                message.body.extend(bytes(from, size)?);
                line(from)?;
                if size == 0 {
                    break;
                }
            }
        } else if let Some(length) = message.header("content-length") {
            message.body = bytes(from, length.parse().ok()?)?;
        }
        Some(message)
    }

    fn write(&self, to: &mut TcpStream) -> std::io::Result<()> {
        let mut bytes = format!("{}\r\n", self.start.join(" ")).into_bytes();
        for (name, value) in &self.headers {
            write!(bytes, "{name}: {value}\r\n")?;
        }
        write!(bytes, "content-length: {}\r\n\r\n", self.body.len())?;
        bytes.extend_from_slice(&self.body);
        // In one piece, or a small answer waits for the acknowledgement of its head.
        to.write_all(&bytes)
    }
}

fn line(from: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let read = from.read_line(&mut line).ok()?;
    (read > 0).then(|| line.trim_end().to_owned())
}

fn bytes(from: &mut impl BufRead, count: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; count];
    from.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// Answers every request on a free port, for as long as the tests run; `None` hangs up.
pub(super) fn serve(answer: impl Fn(Message) -> Option<Message> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || {
                connection.set_nodelay(true).unwrap();
                let mut to = connection.try_clone().unwrap();
                let mut from = BufReader::new(connection);
                while let Some(request) = Message::read(&mut from) {
                    let Some(answer) = answer(request) else { return };
                    if answer.write(&mut to).is_err() {
                        return;
                    }
                }
            });
        }
    });
    port
}

/// Posts a body and returns the answer.
pub(super) fn post(port: u16, headers: &[(&str, &str)], body: &[u8]) -> Message {
    let mut to = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut request = Message::answer(0, headers, body);
    request.start = vec!["POST".into(), "/".into(), "HTTP/1.1".into()];
    request.headers.push(("host".into(), format!("127.0.0.1:{port}")));
    request.write(&mut to).unwrap();
    Message::read(&mut BufReader::new(to)).expect("an answer")
}

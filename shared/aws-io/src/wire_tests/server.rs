//! An HTTP server on this machine that says what a test tells it, and keeps what it was asked.

use std::fmt::Write;
use std::future::Future;
use std::sync::Mutex;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
pub(super) enum Answer {
    Bytes(Vec<u8>),
    /// Sends this and closes the connection.
    BreakAfter(Vec<u8>),
    Hang,
}

/// A whole answer with a status line, headers and a body.
pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    Answer::Bytes([head.as_bytes(), b"\r\n", body].concat())
}

pub(super) struct Server {
    listener: TcpListener,
    pub(super) port: u16,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self { listener, port }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Serves until the client is done; returns what it found and its requests, head and body.
    pub(super) async fn during<T>(
        &self,
        script: impl Fn(usize, &str) -> Answer,
        client: impl Future<Output = T>,
    ) -> (T, Vec<String>) {
        let seen = Mutex::new(Vec::new());
        let found = tokio::select! {
            biased;
            () = self.serve(&script, &seen) => unreachable!(),
            found = client => found,
        };
        (found, seen.into_inner().unwrap())
    }

    async fn serve(&self, script: &impl Fn(usize, &str) -> Answer, seen: &Mutex<Vec<String>>) {
        let mut connections = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept() => {
                    connections.push(converse(accepted.unwrap().0, script, seen));
                }
                Some(()) = connections.next() => {}
            }
        }
    }
}

async fn converse(
    mut stream: TcpStream,
    script: &impl Fn(usize, &str) -> Answer,
    seen: &Mutex<Vec<String>>,
) {
    while let Some(request) = read_request(&mut stream).await {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        match script(number, &request) {
            // A client that has read enough closes its side.
            Answer::Bytes(bytes) => drop(stream.write_all(&bytes).await),
            Answer::BreakAfter(bytes) => {
                stream.write_all(&bytes).await.unwrap();
                return;
            }
            Answer::Hang => std::future::pending().await,
        }
    }
}

/// The next request; none once the client has closed the connection.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => return None,
        }
    }
    let mut request = String::from_utf8(bytes).unwrap();
    let length = header(&request, "content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    Some(request)
}

/// The value of a header of a request.
pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

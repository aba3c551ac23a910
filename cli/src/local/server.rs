//! Connections: reads requests within limits of size and time, answers them, and ends in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::answer::{Answer, Content};
use super::http::{
    BAD_REQUEST, BODY_BYTES_MAX, Framing, HEADERS_BYTES_MAX, Head, Length, REQUEST_LINE_BYTES_MAX,
    Refusal, TIMEOUT, TOO_LARGE, answer_head, chunk_length, head_end, refusal_bytes,
};
use super::routes::Door;

/// Most connections at a time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 1_024;
/// How long a client may take for a head, which is also how long a connection may idle.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a client may take for a body.
const BODY_TIME: Duration = Duration::from_secs(25);
/// How long requests that were under way may take after the signal to stop.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// The longest line that begins a chunk.
const CHUNK_LINE_BYTES_MAX: usize = 1_024;
const READ_BYTES: usize = 16 * 1024;

/// The signals that say stop. From here on none of them ends the process at once.
pub(super) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Begins to listen; for use inside a runtime.
    pub(super) fn listen() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Serves until a signal says stop; then ends what is under way.
pub(super) async fn serve(
    listener: TcpListener,
    door: Arc<Door>,
    mut signals: StopSignals,
) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
            Some(_) = connections.join_next() => continue,
            () = signals.recv() => break,
        };
        let (Ok((stream, peer)), Ok(place)) = accepted else {
            // Out of file descriptors, most likely: let some connection end first.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (door, stopped) = (Arc::clone(&door), stopped.clone());
        connections.spawn(async move {
            let connection = Connection { stream, buffer: Vec::new() };
            // A connection that breaks off concerns nobody but its client.
            connection.serve(&door, &peer.ip().to_string(), stopped).await.ok();
            drop(place);
        });
    }
    drop(listener);
    stop.send_replace(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    // What is still open after that has had its time.
    timeout(DRAIN_TIME, drained).await.ok();
    Ok(())
}

struct Connection {
    stream: TcpStream,
    /// Bytes that were read and not yet used.
    buffer: Vec<u8>,
}

/// Why a connection ends.
enum End {
    /// The client has gone or the connection broke.
    Gone,
    /// The request is refused.
    Refused(Refusal),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Connection {
    async fn serve(
        mut self,
        door: &Arc<Door>,
        peer: &str,
        mut stopped: watch::Receiver<bool>,
    ) -> io::Result<()> {
        self.stream.set_nodelay(true)?;
        loop {
            // Between two requests the signal to stop ends the connection.
            let head = tokio::select! {
                head = self.read_head() => head,
                _ = stopped.wait_for(|stop| *stop), if self.buffer.is_empty() => return Ok(()),
            };
            let end = match head {
                Err(end) => end,
                Ok(head) => match self.read_body(&head).await {
                    Err(end) => end,
                    Ok(body) => {
                        let answer = door.answer(&head.request(&body, peer)).await;
                        if self.send(answer, &head, &mut stopped).await? {
                            continue;
                        }
                        return self.close().await;
                    }
                },
            };
            if let End::Refused(refusal) = end {
                self.stream.write_all(&refusal_bytes(refusal)).await?;
                return self.close().await;
            }
            return Ok(());
        }
    }

    /// Sends an answer; says whether the connection goes on.
    async fn send(
        &mut self,
        answer: Answer,
        head: &Head,
        stopped: &mut watch::Receiver<bool>,
    ) -> io::Result<bool> {
        let wants_more = head.keep_alive && !*stopped.borrow();
        let (length, keep_alive) = match &answer.content {
            _ if head.is_head() => (Length::Nothing, wants_more),
            Content::Whole(bytes) => (Length::Known(bytes.len()), wants_more),
            Content::Parts(_) if head.takes_chunks => (Length::Chunks, wants_more),
            Content::Parts(_) => (Length::Connection, false),
        };
        let mut bytes = answer_head(&answer, keep_alive, length);
        match answer.content {
            Content::Whole(content) => {
                if length != Length::Nothing {
                    bytes.extend_from_slice(&content);
                }
                self.stream.write_all(&bytes).await?;
            }
            Content::Parts(_) if length == Length::Nothing => self.stream.write_all(&bytes).await?,
            Content::Parts(mut parts) => {
                self.stream.write_all(&bytes).await?;
                loop {
                    // Parts may never end by themselves.
                    let part = tokio::select! {
                        part = parts.recv() => part,
                        _ = stopped.wait_for(|stop| *stop) => return Ok(false),
                    };
                    let Some(part) = part else { break };
                    self.send_part(&part, length).await?;
                }
                if length == Length::Chunks {
                    self.stream.write_all(b"0\r\n\r\n").await?;
                }
            }
        }
        Ok(keep_alive)
    }

    async fn send_part(&mut self, part: &[u8], length: Length) -> io::Result<()> {
        // An empty chunk would be the last one.
        if length != Length::Chunks || part.is_empty() {
            return self.stream.write_all(part).await;
        }
        let mut chunk = format!("{:x}\r\n", part.len()).into_bytes();
        chunk.extend_from_slice(part);
        chunk.extend_from_slice(b"\r\n");
        self.stream.write_all(&chunk).await
    }

    /// Lets the client read the answer before the connection goes, even if it is still sending.
    async fn close(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let mut rest = vec![0; READ_BYTES];
        let drain = async { while matches!(self.stream.read(&mut rest).await, Ok(1..)) {} };
        timeout(Duration::from_secs(1), drain).await.ok();
        Ok(())
    }

    async fn read_head(&mut self) -> Result<Head, End> {
        let idle = self.buffer.is_empty();
        let read = async {
            loop {
                if let Some(end) = head_end(&self.buffer) {
                    let head: Vec<u8> = self.buffer.drain(..end).collect();
                    return Ok(Head::parse(&head)?);
                }
                if self.buffer.len() > REQUEST_LINE_BYTES_MAX + HEADERS_BYTES_MAX + 2 {
                    return Err(BAD_REQUEST.into());
                }
                self.read_more().await?;
            }
        };
        match timeout(HEAD_TIME, read).await {
            Ok(head) => head,
            Err(_) if idle && self.buffer.is_empty() => Err(End::Gone),
            Err(_) => Err(TIMEOUT.into()),
        }
    }

    async fn read_body(&mut self, head: &Head) -> Result<Vec<u8>, End> {
        if head.expects_continue {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let read = async {
            match head.framing {
                Framing::Length(length) => self.take(length).await,
                Framing::Chunked => self.read_chunks().await,
            }
        };
        timeout(BODY_TIME, read).await.unwrap_or(Err(End::Refused(TIMEOUT)))
    }

    async fn read_chunks(&mut self) -> Result<Vec<u8>, End> {
        let mut body = Vec::new();
        loop {
            let length = chunk_length(&self.read_line().await?)?;
            if length == 0 {
                // Trailers are read and forgotten.
                while !self.read_line().await?.is_empty() {}
                return Ok(body);
            }
            if body.len().saturating_add(length) > BODY_BYTES_MAX {
                return Err(TOO_LARGE.into());
            }
            body.extend(self.take(length).await?);
            if !self.read_line().await?.is_empty() {
                return Err(BAD_REQUEST.into());
            }
        }
    }

    async fn read_line(&mut self) -> Result<Vec<u8>, End> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|window| window == b"\r\n") {
                let mut line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                line.truncate(end);
                return Ok(line);
            }
            if self.buffer.len() > CHUNK_LINE_BYTES_MAX {
                return Err(BAD_REQUEST.into());
            }
            self.read_more().await?;
        }
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, End> {
        while self.buffer.len() < length {
            self.read_more().await?;
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    async fn read_more(&mut self) -> Result<(), End> {
        self.buffer.reserve(READ_BYTES);
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(End::Gone);
        }
        Ok(())
    }
}

//! Connections: reads requests within limits of size and time, answers them, and ends in order.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Pipeline;
use super::http::{
    BAD_REQUEST, BODY_BYTES_MAX, Framing, HEADERS_BYTES_MAX, Head, REQUEST_LINE_BYTES_MAX, Refusal,
    TIMEOUT, TOO_LARGE, chunk_length, head_end, refusal_bytes, response_bytes,
};

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

/// Serves until a signal says stop; then ends what is under way.
pub(super) async fn serve(listener: TcpListener, pipeline: Arc<Pipeline>) -> io::Result<()> {
    let (stop, stopped) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (listener.accept().await, place)
            } => accepted,
            Some(_) = connections.join_next() => continue,
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        };
        let (Ok((stream, peer)), Ok(place)) = accepted else {
            // Out of file descriptors, most likely: let some connection end first.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (pipeline, stopped) = (Arc::clone(&pipeline), stopped.clone());
        connections.spawn(async move {
            let connection = Connection { stream, buffer: Vec::new() };
            // A connection that breaks off concerns nobody but its client.
            connection.serve(&pipeline, &peer.ip().to_string(), stopped).await.ok();
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
        pipeline: &Pipeline,
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
                        let response = pipeline.answer(&head.request(&body, peer)).await;
                        let keep_alive = head.keep_alive && !*stopped.borrow();
                        let bytes = response_bytes(&response, keep_alive, head.is_head());
                        self.stream.write_all(&bytes).await?;
                        if keep_alive {
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

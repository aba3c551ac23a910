//! Files of any kind from HTTP servers and buckets, and the files that a bucket holds below a prefix.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use tokio::time::Instant as Clock;

use super::{FetchLimits, Fetcher};
use crate::exchange::Reply;

/// A file may be hundreds of megabytes.
const FILE_TIMEOUT: Duration = Duration::from_mins(1);
/// Files that are fetched at the same time.
const FILES_IN_FLIGHT_MAX: usize = 4;
/// S3's answer has a thousand names, each of a thousand bytes, at most.
const LISTING_BYTES_MAX: usize = 4 * 1_048_576;

impl Fetcher {
    /// Gets files of so many bytes at most by their `https://`, `http://` or `s3://` addresses;
    /// order kept. An error is why there is none.
    pub async fn files(
        &self,
        wanted: Vec<(String, usize)>,
        deadline: Instant,
    ) -> Vec<Result<Vec<u8>, String>> {
        let gets = wanted
            .into_iter()
            .map(|(uri, bytes_max)| async move { self.file(&uri, bytes_max, deadline).await });
        stream::iter(gets).buffered(FILES_IN_FLIGHT_MAX).collect().await
    }

    /// The addresses of all objects below `s3://bucket/prefix`.
    pub async fn objects(&self, folder: String, deadline: Instant) -> Result<Vec<String>, String> {
        let (bucket, prefix) = bucket_and_key(&folder).ok_or("InvalidBucketOrKey")?;
        let slash = if prefix.is_empty() || prefix.ends_with('/') { "" } else { "/" };
        let prefix = format!("{prefix}{slash}");
        let url = self.s3.listing(bucket, &prefix).ok_or("InvalidBucketOrKey")?;
        let lister = self.limited_to(LISTING_BYTES_MAX);
        let body = body(lister.ask_s3(&url, Clock::from_std(deadline)).await?)?;
        let text = String::from_utf8(body).map_err(|_| "The listing is not UTF-8")?;
        if text.contains("<IsTruncated>true</IsTruncated>") {
            return Err("there are more than a thousand objects".to_owned());
        }
        let keys = text.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
        Ok(keys.map(|(key, _)| format!("s3://{bucket}/{}", unescaped(key))).collect())
    }

    async fn file(
        &self,
        uri: &str,
        bytes_max: usize,
        deadline: Instant,
    ) -> Result<Vec<u8>, String> {
        let (fetcher, deadline) = (self.limited_to(bytes_max), Clock::from_std(deadline));
        let reply = if uri.starts_with("s3://") {
            let place = bucket_and_key(uri).and_then(|(bucket, key)| self.s3.url(bucket, key));
            fetcher.ask_s3(&place.ok_or("InvalidBucketOrKey")?, deadline).await?
        } else {
            fetcher.follow(uri, None, deadline).await?
        };
        body(reply)
    }

    fn limited_to(&self, body_bytes_max: usize) -> Self {
        let limits =
            FetchLimits { body_bytes_max, attempt_timeout: FILE_TIMEOUT, ..self.limits.clone() };
        Self { connector: self.connector.clone(), s3: self.s3.clone(), limits }
    }
}

fn body(reply: Reply) -> Result<Vec<u8>, String> {
    if !reply.is_success() {
        return Err(format!("Unexpected response code: {}", reply.status));
    }
    if reply.is_encoded {
        return Err("The body is compressed".to_owned());
    }
    Ok(reply.body)
}

fn bucket_and_key(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("s3://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

/// A key as it was before it became XML.
fn unescaped(key: &str) -> String {
    let mut text = key.to_owned();
    for (escaped, plain) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
    {
        text = text.replace(escaped, plain);
    }
    text
}

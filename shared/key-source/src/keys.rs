//! The key of the pseudonyms: loaded once, asked for again now and then, never missing once it was there.

use std::fs::File;
use std::io::Read as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use privacy::key::SECRET_BYTES_MAX;
use privacy::{KeyRing, Keyed, Policy};
use zeroize::Zeroizing;

use crate::KeySource;

/// What a first key may take of an invocation's time.
const LOAD_TIME: Duration = Duration::from_secs(20);
/// The same for a further one; there is an older one to go on with.
const REFRESH_TIME: Duration = Duration::from_secs(5);
/// After a failure a key is asked for again so soon, or after its usual time if that is less.
const RETRY_PAUSE: Duration = Duration::from_secs(30);

/// A secret's bytes, wiped when they are dropped.
pub type Secret = Zeroizing<Vec<u8>>;

/// A key that pseudonyms are made with.
pub struct Keying {
    /// Makes them; each rewriter takes a copy.
    pub keyed: Keyed,
    /// What the key is called.
    pub id: String,
    /// By which two places can tell that they have the same key.
    pub check_value: String,
    /// Whether it looks as if it was drawn at random.
    pub looks_random: bool,
}

impl std::fmt::Debug for Keying {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keying").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key and how it was come by.
#[derive(Debug)]
pub struct Current {
    /// The key.
    pub keying: Arc<Keying>,
    /// Whether it is another one than before.
    pub is_new: bool,
    /// Why there is no newer one.
    pub failure: Option<String>,
}

/// Where keys come from, and the one in use.
pub struct Keys<F> {
    fetch: F,
    file: Option<String>,
    ttl: Duration,
    held: Mutex<Held>,
}

#[derive(Clone, Default)]
struct Held {
    keying: Option<Arc<Keying>>,
    /// When to ask again.
    next: Option<Instant>,
}

impl<F> std::fmt::Debug for Keys<F> {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("ttl", &self.ttl).finish_non_exhaustive()
    }
}

impl<F, A> Keys<F>
where
    F: Fn(Instant) -> A + Send + Sync,
    A: Future<Output = Result<Secret, String>> + Send,
{
    /// Keys from this source, each used for so long; `fetch` asks the service, if it is one, and
    /// ends at the moment that it is given. Its error may be logged.
    pub fn new(source: &KeySource, ttl: Duration, fetch: F) -> Self {
        let file = match source {
            KeySource::File(path) => Some(path.clone()),
            KeySource::Service(_) => None,
        };
        Self { fetch, file, ttl, held: Mutex::default() }
    }

    /// The key to use now.
    pub async fn current(&self, policy: &Policy, deadline: Instant) -> Result<Current, String> {
        let now = Instant::now();
        let held = self.held().clone();
        if let (Some(keying), Some(next)) = (&held.keying, held.next)
            && now < next
        {
            return Ok(Current { keying: Arc::clone(keying), is_new: false, failure: None });
        }
        let time = if held.keying.is_some() { REFRESH_TIME } else { LOAD_TIME };
        match (self.load(policy, deadline.min(now + time)).await, held.keying) {
            (Ok(keying), old) => {
                let keying = Arc::new(keying);
                self.hold(&keying, now + self.ttl);
                let is_same = |old: &Arc<Keying>| {
                    (&old.id, &old.check_value) == (&keying.id, &keying.check_value)
                };
                let is_new = !old.as_ref().is_some_and(is_same);
                Ok(Current { keying, is_new, failure: None })
            }
            (Err(reason), Some(keying)) => {
                self.hold(&keying, now + self.ttl.min(RETRY_PAUSE));
                Ok(Current { keying, is_new: false, failure: Some(reason) })
            }
            (Err(reason), None) => Err(reason),
        }
    }

    async fn load(&self, policy: &Policy, until: Instant) -> Result<Keying, String> {
        let secret = match &self.file {
            Some(path) => from_file(path)?,
            None => (self.fetch)(until).await?,
        };
        let ring = KeyRing::parse(&secret).map_err(|error| error.to_string())?;
        let key = ring.current().ok_or("the secret has no current key")?;
        Ok(Keying {
            keyed: Keyed::new(policy, key),
            id: key.id().to_owned(),
            check_value: key.check_value(),
            looks_random: key.looks_random(),
        })
    }
}

impl<F> Keys<F> {
    fn hold(&self, keying: &Arc<Keying>, next: Instant) {
        *self.held() = Held { keying: Some(Arc::clone(keying)), next: Some(next) };
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // It is replaced as a whole, so a panic elsewhere cannot leave it half-changed.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn from_file(path: &str) -> Result<Secret, String> {
    // All of its room at once: a buffer that grows leaves copies of what it held.
    let mut secret = Zeroizing::new(Vec::with_capacity(SECRET_BYTES_MAX + 64));
    let most = u64::try_from(SECRET_BYTES_MAX).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| {
        #[allow(clippy::disallowed_methods, reason = "the stream is cut at its limit")]
        file.take(most.saturating_add(1)).read_to_end(&mut secret)
    });
    read.map_err(|error| format!("the key's file: {}", error.kind()))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;

    use super::*;

    const FIRST: &str = "0123456789abcdef0123456789abcdef";
    const SECOND: &str = "fedcba9876543210fedcba9876543210";

    fn service() -> KeySource {
        KeySource::parse("ssm:/key").unwrap()
    }

    fn now<F, A>(keys: &Keys<F>) -> Result<Current, String>
    where
        F: Fn(Instant) -> A + Send + Sync,
        A: Future<Output = Result<Secret, String>> + Send,
    {
        let until = Instant::now() + Duration::from_mins(1);
        let policy = Policy::parse("version: 1\nname: nothing\nscheme: v1\n").unwrap();
        keys.current(&policy, until).now_or_never().unwrap()
    }

    /// What each asking gets, and how often it was asked.
    fn scripted(
        answers: &'static [Result<&'static str, &'static str>],
        asked: &AtomicUsize,
    ) -> impl Fn(Instant) -> std::future::Ready<Result<Secret, String>> {
        move |_| {
            let place = asked.fetch_add(1, Ordering::SeqCst);
            let answer = answers[place.min(answers.len() - 1)];
            let secret = answer.map(|text| Zeroizing::new(text.as_bytes().to_vec()));
            std::future::ready(secret.map_err(str::to_owned))
        }
    }

    #[test]
    fn a_key_is_asked_for_once() {
        let asked = AtomicUsize::new(0);
        let keys = Keys::new(&service(), Duration::from_mins(1), scripted(&[Ok(FIRST)], &asked));
        let first = now(&keys).unwrap();
        assert!(first.is_new && first.keying.looks_random && first.failure.is_none());
        assert!(!now(&keys).unwrap().is_new);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn without_a_key_there_is_none_until_there_is_one() {
        let asked = AtomicUsize::new(0);
        let answers = &[Err("AccessDenied"), Ok("short"), Ok(FIRST)];
        let keys = Keys::new(&service(), Duration::from_mins(1), scripted(answers, &asked));
        assert_eq!(now(&keys).err().unwrap(), "AccessDenied");
        assert!(now(&keys).err().unwrap().contains("bytes"));
        assert!(now(&keys).unwrap().is_new);
    }

    #[test]
    fn the_last_good_key_is_kept() {
        let asked = AtomicUsize::new(0);
        let answers = &[Ok(FIRST), Err("Throttled"), Ok("short"), Ok(FIRST), Ok(SECOND)];
        let keys = Keys::new(&service(), Duration::ZERO, scripted(answers, &asked));
        let check = now(&keys).unwrap().keying.check_value.clone();
        for _ in 0..2 {
            let current = now(&keys).unwrap();
            assert!(current.failure.is_some() && current.keying.check_value == check);
        }
        let again = now(&keys).unwrap();
        assert!(again.failure.is_none() && !again.is_new);
        let rotated = now(&keys).unwrap();
        assert!(rotated.is_new && rotated.keying.check_value != check);
    }

    #[test]
    fn a_file_is_read_again() {
        let path = std::env::temp_dir().join(format!("pseudonym-key-{}", std::process::id()));
        let source = KeySource::parse(&format!("file:{}", path.display())).unwrap();
        let fetch = |_| std::future::ready(Err("no service".to_owned()));
        let keys = Keys::new(&source, Duration::ZERO, fetch);
        let reason = now(&keys).err().unwrap();
        assert!(reason.contains("file") && !reason.contains("pseudonym-key"), "{reason}");
        std::fs::write(&path, FIRST).unwrap();
        assert!(now(&keys).unwrap().is_new);
        std::fs::write(&path, vec![b'x'; SECRET_BYTES_MAX + 1]).unwrap();
        assert!(now(&keys).unwrap().failure.unwrap().contains("larger"));
        std::fs::remove_file(&path).unwrap();
        assert!(now(&keys).unwrap().failure.is_some());
    }
}

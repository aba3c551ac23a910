//! Who is told of an object, by its key.

/// The most targets of all routes together; each gets calls of its own at the same time.
pub const TARGETS_MAX: usize = 10;
/// Folders of what could not be processed. It is never loaded, wherever the folder stands.
const ERROR_SEGMENTS: [&str; 2] = ["processing-failed", "error"];

/// Prefixes with their targets, and what names can be loaded.
#[derive(Clone, Debug)]
pub struct Routes {
    /// The longest prefix first, so that the first that fits is the one.
    prefixes: Vec<(String, Vec<usize>)>,
    /// Each target once, in the order in which they are named first.
    targets: Vec<String>,
    suffixes: Vec<String>,
}

/// What the routes say of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'r> {
    /// These targets are to be told; holds their places.
    Send(&'r [usize]),
    /// Nobody is to be told, on purpose.
    Ignore,
    /// No route says anything.
    Unrouted,
}

impl Routes {
    /// Routes from pairs of prefix and targets; a prefix without targets is for nobody on purpose.
    pub fn new(pairs: Vec<(String, Vec<String>)>, suffixes: Vec<String>) -> Self {
        let (mut prefixes, mut targets) = (Vec::new(), Vec::new());
        for (prefix, named) in pairs {
            let mut places: Vec<usize> = Vec::new();
            for target in named {
                let known = targets.iter().position(|it| *it == target);
                let place = known.unwrap_or_else(|| {
                    targets.push(target);
                    targets.len() - 1
                });
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            prefixes.push((prefix, places));
        }
        prefixes.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { prefixes, targets, suffixes }
    }

    /// Every target once.
    pub fn targets(&self) -> &[String] {
        &self.targets
    }

    /// What becomes of an object with this key, decoded.
    pub fn verdict(&self, key: &str) -> Verdict<'_> {
        let folders = key.rsplit_once('/').map_or("", |(folders, _)| folders);
        let is_error = folders.split('/').any(|segment| ERROR_SEGMENTS.contains(&segment));
        if is_error || !self.suffixes.iter().any(|suffix| key.ends_with(suffix)) {
            return Verdict::Ignore;
        }
        match self.prefixes.iter().find(|(prefix, _)| key.starts_with(prefix)) {
            None => Verdict::Unrouted,
            Some((_, places)) if places.is_empty() => Verdict::Ignore,
            Some((_, places)) => Verdict::Send(places),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_decides() {
        let pair = |prefix: &str, targets: &[&str]| {
            (prefix.to_owned(), targets.iter().map(|it| (*it).to_owned()).collect())
        };
        let pairs = vec![
            pair("output/", &["good"]),
            pair("output/app=web/", &["web", "good", "web"]),
            pair("enriched_bad_event/", &["bad"]),
            pair("bad_event/", &[]),
        ];
        let suffixes = vec![".gz".to_owned(), ".parquet".to_owned()];
        let routes = Routes::new(pairs, suffixes);
        assert_eq!(routes.targets(), ["good", "web", "bad"]);
        for (key, expected) in [
            ("output/2026/01/02/03/a.gz", Verdict::Send(&[0])),
            ("output/a.parquet", Verdict::Send(&[0])),
            ("output/app=web/a.gz", Verdict::Send(&[1, 0])),
            ("output/app=webshop/a.gz", Verdict::Send(&[0])),
            ("enriched_bad_event/a.gz", Verdict::Send(&[2])),
            ("bad_event/a.gz", Verdict::Ignore),
            ("bad_event_class/a.gz", Verdict::Unrouted),
            ("Output/a.gz", Verdict::Unrouted),
            ("/output/a.gz", Verdict::Unrouted),
            ("output/", Verdict::Ignore),
            ("output/a.gz.tmp", Verdict::Ignore),
            ("output/a.GZ", Verdict::Ignore),
            ("output/processing-failed/a.gz", Verdict::Ignore),
            ("error/output/a.gz", Verdict::Ignore),
            ("output/error/2026/a.gz", Verdict::Ignore),
            ("output/error.gz", Verdict::Send(&[0])),
            ("output/errors/a.gz", Verdict::Send(&[0])),
            ("", Verdict::Ignore),
        ] {
            assert_eq!(routes.verdict(key), expected, "{key}");
        }
        let all = Routes::new(vec![pair("", &["all"])], vec![".gz".to_owned()]);
        assert_eq!(all.verdict("anything.gz"), Verdict::Send(&[0]));
    }
}

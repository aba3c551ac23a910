//! A request's path -> the vendor and version that name the protocol it speaks.

use std::fmt;

/// Where a path leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// Such as `com.snowplowanalytics.snowplow`.
    pub vendor: &'a str,
    /// Such as `tp2`.
    pub version: &'a str,
}

impl fmt::Debug for Route<'_> {
    /// Sizes only: a path may be anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("vendor_bytes", &self.vendor.len())
            .field("version_bytes", &self.version.len())
            .finish()
    }
}

/// The protocol of the pixel, which has paths of its own.
pub const PIXEL: Route<'static> =
    Route { vendor: "com.snowplowanalytics.snowplow", version: "tp1" };

/// What is said of a path that leads nowhere.
pub const NO_ROUTE: &str =
    "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request";

/// Two segments, or one of the pixel's paths; otherwise nothing, which means [`NO_ROUTE`].
pub fn route(path: &str) -> Option<Route<'_>> {
    two_segments(path).or_else(|| is_pixel(path).then_some(PIXEL))
}

/// Whether a path is one of those from before vendors and versions.
pub fn is_pixel(path: &str) -> bool {
    path == "/i" || path.starts_with("/i?") || path.starts_with("/ice.png")
}

fn two_segments(path: &str) -> Option<Route<'_>> {
    let (vendor, version) = path.strip_prefix('/').unwrap_or(path).split_once('/')?;
    let version = version.strip_suffix('/').unwrap_or(version);
    let whole = !vendor.is_empty() && !version.is_empty() && !version.contains('/');
    whole.then_some(Route { vendor, version })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_has_two_segments_or_is_the_pixels() {
        let tp2 = Some(Route { vendor: "com.snowplowanalytics.snowplow", version: "tp2" });
        assert_eq!(route("/com.snowplowanalytics.snowplow/tp2"), tp2);
        assert_eq!(route("com.snowplowanalytics.snowplow/tp2/"), tp2);
        assert_eq!(route("/x/i"), Some(Route { vendor: "x", version: "i" }));
        for pixel in ["/i", "/i?e=pv", "/ice.png", "/ice.png?e=pv"] {
            assert_eq!(route(pixel), Some(PIXEL), "{pixel}");
        }
        for nowhere in ["", "/", "//", "i", "/health", "/a/b/c", "//a", "/a//", "/iframe"] {
            assert_eq!(route(nowhere), None, "{nowhere}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_it_panic(path in "\\PC*", slashes in "[/ai?.]{0,8}") {
            route(&path);
            route(&slashes);
        }
    }
}

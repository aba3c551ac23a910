//! The variables that the enricher reads, one row each.

use function_env::Kind::{Boolean, Duration, Number, Pairs, Text};
use function_env::{Variable, row};

/// Every variable of the enricher.
pub const VARIABLES: &[Variable] = &[
    row("STREAM_GOOD", Text, "output.good.streamName", "(required)", "enriched-good"),
    row("STREAM_BAD", Text, "output.bad.streamName", "(required)", "enriched-bad"),
    row("STREAM_FAILED", Text, "output.failed.streamName", "(none)", "enriched-failed"),
    row("RECORD_BYTES_MAX", Number, "output.good.maxRecordSize", "1000000", "700000"),
    row("PARTITION_KEY", Text, "output.good.partitionKey", "event_id", "user_id"),
    row("BACKOFF_MIN", Duration, "output.good.backoffPolicy.minBackoff", "50ms", "100ms"),
    row("BACKOFF_MAX", Duration, "output.good.backoffPolicy.maxBackoff", "1s", "5s"),
    row("IGLU_RESOLVER", Text, "resolver", "(the embedded schemas)", "/opt/resolver.json"),
    row("ENRICHMENTS", Text, "(the command's `--enrichments`)", "(none)", "/opt/enrichments"),
    row("ASSETS_UPDATE_PERIOD", Duration, "assetsUpdatePeriod", "7d", "1d"),
    row("ATOMIC_LIMITS", Pairs, "validation.atomicFieldsLimits", "{}", r#"{"page_url":"8192"}"#),
    row("ACCEPT_TOO_LONG", Boolean, "validation.acceptInvalid", "false", "true"),
    row("JSON_DEPTH_MAX", Number, "validation.maxJsonDepth", "50", "40"),
    row("BAD_ROWS", Text, "badRows", "6.x", "3.9"),
];

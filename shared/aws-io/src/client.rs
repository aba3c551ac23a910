//! Builds the SDK's clients, each when it is first needed, all over one HTTP client.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aws_sdk_kinesis::config::{BehaviorVersion, Region, StalledStreamProtectionConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use record_sink::WriteError;

use crate::config::AwsSettings;
use crate::fallback::WithFallback;
use crate::firehose::FirehoseSink;
use crate::http::{HttpSettings, lazy_http_client};
use crate::kinesis::KinesisSink;
use crate::message::{MessageSink, MessageTarget, QueueSink};
use crate::settings::SinkSettings;
use crate::sns::TopicSink;
use crate::sqs::SqsSink;

/// What the first connection may take of a start; Lambda gives ten seconds to all of it.
const OPEN_TIME: Duration = Duration::from_secs(2);

/// A stream with, perhaps, a queue behind it.
pub type StreamSink = WithFallback<KinesisSink, SqsSink>;

/// A client of one of the SDK's crates. Their builders are types without a trait in common.
macro_rules! sdk_client {
    ($sdk:ident, $clients:expr, $endpoint:ident) => {{
        let settings = &$clients.settings;
        let mut config = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region.clone()))
            .credentials_provider(settings.credentials.clone())
            .http_client($clients.http.clone())
            .use_fips(settings.use_fips)
            .use_dual_stack(settings.use_dual_stack)
            // Ours resends only what failed and knows the deadline; each call is cut by it.
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(settings.$endpoint.clone());
        $sdk::Client::from_conf(config.build())
    }};
}

/// The AWS clients of a process.
#[derive(Debug)]
pub struct Clients {
    settings: AwsSettings,
    http: SharedHttpClient,
    kinesis: OnceLock<aws_sdk_kinesis::Client>,
    firehose: OnceLock<aws_sdk_firehose::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
}

impl Clients {
    /// Clients that connect as the settings say.
    pub fn new(settings: &AwsSettings) -> Self {
        Self::with_http(settings, lazy_http_client(settings, HttpSettings::default()))
    }

    /// Clients over another HTTP client: with other limits, or one that a test answers for.
    pub fn with_http(settings: &AwsSettings, http: SharedHttpClient) -> Self {
        Self {
            settings: settings.clone(),
            http,
            kinesis: OnceLock::new(),
            firehose: OnceLock::new(),
            sqs: OnceLock::new(),
        }
    }

    /// The sink for a stream, with its queue if the settings name one.
    pub fn stream_sink(&self, settings: &SinkSettings) -> StreamSink {
        let queue = settings.sqs_buffer.as_deref();
        WithFallback {
            primary: KinesisSink::new(self.kinesis().clone(), settings),
            fallback: queue.map(|queue| SqsSink::new(self.sqs().clone(), queue, settings)),
            primary_share_percent: settings.primary_share_percent,
        }
    }

    /// The sink for a Firehose stream, without a queue behind it.
    pub fn firehose_sink(&self, settings: &SinkSettings) -> FirehoseSink {
        FirehoseSink::new(self.firehose().clone(), settings)
    }

    /// The sink for messages that others read as they are: a queue's or a topic's.
    pub fn message_sink(&self, target: &MessageTarget) -> MessageSink {
        let settings = SinkSettings::new("");
        match target {
            MessageTarget::Queue(url) => {
                MessageSink::Queue(QueueSink::new(self.sqs().clone(), url, &settings))
            }
            MessageTarget::Topic { arn, region } => MessageSink::Topic(Box::new(TopicSink::new(
                &self.settings,
                (arn, region),
                &settings,
            ))),
        }
    }

    /// Opens a sink's TLS connection ahead of its first record, and says whether the stream can be
    /// written to. To be logged; a start must not fail for it. Over plain HTTP there is nothing to
    /// open that would be worth the wait.
    pub async fn open(&self, sink: &StreamSink) -> Result<(), WriteError> {
        let endpoint = self.settings.kinesis_endpoint.as_deref();
        if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) {
            return Ok(());
        }
        sink.primary.open(Instant::now() + OPEN_TIME).await
    }

    /// The Kinesis client.
    pub fn kinesis(&self) -> &aws_sdk_kinesis::Client {
        self.kinesis.get_or_init(|| sdk_client!(aws_sdk_kinesis, self, kinesis_endpoint))
    }

    /// The Firehose client.
    pub fn firehose(&self) -> &aws_sdk_firehose::Client {
        self.firehose.get_or_init(|| sdk_client!(aws_sdk_firehose, self, firehose_endpoint))
    }

    /// The SQS client.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.sqs.get_or_init(|| sdk_client!(aws_sdk_sqs, self, sqs_endpoint))
    }
}

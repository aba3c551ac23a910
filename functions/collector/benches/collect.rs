//! CPU time of the collector's core for each request, beside the time of what cannot be avoided.
//!
//! The floor is one copy of the request's bytes into a record and one random id. Every pair is
//! measured in turn and the smallest time counts, so that a busy machine does not decide.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench prints its figures and may fail loudly"
)]

use std::hint::black_box;

use collector::front_door;
use collector::request::{Method, Request};
use collector::{Config, Moment, collect};
use function_env::Variables;
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 60;

fn main() {
    println!("{:<34} {:>10} {:>10} {:>7}", "request", "core", "floor", "ratio");
    let config = config(&[]);
    line(&config, "pixel", &pixel());
    line(&config, "POST, 1 event", &post(&body(1, 480)));
    let ten = body(10, 560);
    line(&config, &format!("POST, 10 events, {} bytes", ten.len()), &post(&ten));

    println!("\n{:<34} {:>10} {:>16}", "body size", "core", "per kilobyte");
    for events in [10, 100, 1000] {
        let body = body(events, 560);
        per_kilobyte(&config, &post(&body), body.len());
    }

    println!("\n{:<34} {:>10} {:>16}", "split into records", "core", "per kilobyte");
    let splitting =
        self::config(&[("PAYLOAD_BYTES_MAX", "9000000"), ("BODY_BYTES_MAX", "9000000")]);
    for events in [1_500, 3_000, 6_000] {
        let body = body(events, 560);
        per_kilobyte(&splitting, &post(&body), body.len());
    }

    println!("\n{:<34} {:>10}", "front door, 10 events", "reading");
    for (name, event) in
        [("HTTP API 2.0, text", event(&ten, false)), ("HTTP API 2.0, base64", event(&ten, true))]
    {
        let nanos =
            nanos_each(|| drop(black_box(front_door::read(black_box(&event), "").unwrap())));
        println!("{name:<34} {:>10}", micros(nanos));
    }
}

fn line(config: &Config, name: &str, request: &Request<'_>) {
    let (core, floor) = (core_nanos(config, request), floor_nanos(request));
    println!("{name:<34} {:>10} {:>10} {:>7.2}", micros(core), micros(floor), core / floor);
}

#[allow(clippy::cast_precision_loss, reason = "sizes are far below what a float loses")]
fn per_kilobyte(config: &Config, request: &Request<'_>, bytes: usize) {
    let core = core_nanos(config, request);
    println!(
        "{:<34} {:>10} {:>13.1} ns",
        format!("{bytes} bytes"),
        micros(core),
        core * 1024.0 / bytes as f64
    );
}

fn core_nanos(config: &Config, request: &Request<'_>) -> f64 {
    nanos_each(|| {
        let mut random = [[0; 16]; 2];
        getrandom::fill(random.as_flattened_mut()).unwrap();
        let [visitor_entropy, partition_entropy] = random;
        let moment =
            Moment { epoch_micros: 1_767_323_045_678_000, visitor_entropy, partition_entropy };
        drop(black_box(collect(config, black_box(request), &moment)));
    })
}

fn floor_nanos(request: &Request<'_>) -> f64 {
    nanos_each(|| {
        let request = black_box(request);
        let mut record = Vec::with_capacity(
            request.body.len()
                + request.headers.iter().map(|(n, v)| n.len() + v.len() + 2).sum::<usize>()
                + 512,
        );
        record.extend_from_slice(request.path.as_bytes());
        record.extend_from_slice(request.query.as_deref().unwrap_or_default().as_bytes());
        for (name, value) in &request.headers {
            record.extend_from_slice(name.as_bytes());
            record.extend_from_slice(value.as_bytes());
        }
        record.extend_from_slice(&request.body);
        let mut random = [0; 16];
        getrandom::fill(&mut random).unwrap();
        record.extend_from_slice(
            uuid::Builder::from_random_bytes(random).into_uuid().to_string().as_bytes(),
        );
        drop(black_box(record));
    })
}

/// The smallest CPU time of one run over several rounds, in nanoseconds.
#[allow(clippy::cast_precision_loss, reason = "times are far below what a float loses")]
fn nanos_each(mut run: impl FnMut()) -> f64 {
    let mut runs = 1_u32;
    loop {
        let took = nanos_of(runs, &mut run);
        if took > 2_000_000.0 || runs > 1_000_000 {
            break;
        }
        runs *= 2;
    }
    (0..ROUNDS).map(|_| nanos_of(runs, &mut run) / f64::from(runs)).fold(f64::INFINITY, f64::min)
}

#[allow(clippy::cast_precision_loss, reason = "times are far below what a float loses")]
fn nanos_of(runs: u32, run: &mut impl FnMut()) -> f64 {
    let clock = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 * 1e9 + at.tv_nsec as f64
    };
    let start = clock();
    for _ in 0..runs {
        run();
    }
    clock() - start
}

fn micros(nanos: f64) -> String {
    format!("{:.2} us", nanos / 1_000.0)
}

fn config(settings: &[(&str, &str)]) -> Config {
    let mut variables = Variables::from([("STREAM_GOOD", "good"), ("STREAM_BAD", "bad")]);
    for (name, value) in settings {
        variables.set(*name, *value);
    }
    Config::from_variables(&variables).expect("the bench's configuration")
}

/// The header lines that API Gateway hands over for a browser's request.
const HEADERS: [(&str, &str); 16] = [
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
    ("Content-Type", "application/json; charset=UTF-8"),
    (
        "Cookie",
        "sp=dfdb716e-ecf9-4d00-8b10-44edfbc8a108; _sp_id.1fff=0d5ca6a3-4f3c-4c5a; theme=dark",
    ),
    ("Host", "c.acme.com"),
    ("Origin", "https://www.acme.com"),
    ("Referer", "https://www.acme.com/products?page=2"),
    ("Sec-CH-UA-Platform", "\"Linux\""),
    ("Sec-Fetch-Dest", "empty"),
    ("Sec-Fetch-Mode", "cors"),
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
    ("X-Forwarded-For", "203.0.113.7"),
    ("X-Forwarded-Port", "443"),
    ("X-Forwarded-Proto", "https"),
];

fn request<'a>(
    method: Method,
    path: &'a str,
    query: Option<&'a str>,
    body: &'a [u8],
) -> Request<'a> {
    Request {
        method,
        path: path.into(),
        query: query.map(Into::into),
        headers: HEADERS.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: body.into(),
        peer: Some("203.0.113.7".into()),
    }
}

fn pixel() -> Request<'static> {
    let query = "e=pv&url=https%3A%2F%2Fwww.acme.com%2Fproducts&page=Products&tv=js-4.6.9&tna=sp&aid=web&p=web&cookie=1&cs=UTF-8&lang=en-GB&res=1920x1080&cd=24&tz=Europe%2FBerlin&dtm=1767323045000&vp=1200x900&ds=1200x4000&vid=3&sid=2b2f6d0f-3d46-4d3f-9f3b-8a41c6bb6d45&duid=6f2d6c0e-93a4-4a7a-8f4c-0f3e8e1d9a11&eid=0b9f6f0e-7d0a-4c7e-9a0c-4c1f6b8f0c11&stm=1767323045100";
    request(Method::Get, "/i", Some(query), b"")
}

fn post(body: &[u8]) -> Request<'_> {
    request(Method::Post, "/com.snowplowanalytics.snowplow/tp2", None, body)
}

/// A tp2 body with so many events, each with so many bytes of context.
fn body(events: usize, context_bytes: usize) -> Vec<u8> {
    let context = "eyJzY2hlbWEiOiJpZ2x1OmNvbS5zbm93cGxvd2FuYWx5dGljcy5zbm93cGxvdy9jb250ZXh0cy9qc29uc2NoZW1hLzEtMC0wIn0"
        .repeat(context_bytes / 100 + 1);
    let event = format!(
        r#"{{"e":"se","se_ca":"nav","se_ac":"click_button","eid":"0b9f6f0e-7d0a-4c7e-9a0c-4c1f6b8f0c11","tv":"js-4.6.9","p":"web","aid":"web","dtm":"1767323045000","url":"https://www.acme.com/products","cx":"{}"}}"#,
        context.get(..context_bytes).expect("long enough")
    );
    let schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
    format!(r#"{{"schema":"{schema}","data":[{}]}}"#, vec![event; events].join(",")).into_bytes()
}

/// The same request as API Gateway hands it over.
fn event(body: &[u8], as_base64: bool) -> Vec<u8> {
    let text = if as_base64 {
        base64_simd::STANDARD.encode_to_string(body)
    } else {
        String::from_utf8_lossy(body).into_owned()
    };
    let headers: serde_json::Map<_, _> =
        HEADERS.iter().map(|(name, value)| (name.to_lowercase(), (*value).into())).collect();
    let event = serde_json::json!({
        "version": "2.0", "rawPath": "/com.snowplowanalytics.snowplow/tp2", "rawQueryString": "",
        "headers": headers, "requestContext": {"http": {"method": "POST", "sourceIp": "203.0.113.7"}},
        "body": text, "isBase64Encoded": as_base64,
    });
    serde_json::to_vec(&event).expect("an event")
}

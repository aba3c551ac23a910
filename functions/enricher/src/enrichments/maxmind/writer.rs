//! Writes small databases in MaxMind's format, for tests.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Value, json};

/// Depth of the tree; addresses of the fourth version are below `::/96`.
const DEPTH: u32 = 128;
const SEPARATOR: [u8; 16] = [0; 16];
const METADATA_MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// A tree of networks and the data that they point to.
pub(crate) struct Writer {
    kind: String,
    pub(crate) major_version: u16,
    nodes: Vec<[Branch; 2]>,
    data: Data,
}

#[derive(Clone, Copy)]
enum Branch {
    Empty,
    Node(usize),
    Data(usize),
}

impl Writer {
    pub(crate) fn new(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            major_version: 2,
            nodes: vec![[Branch::Empty; 2]],
            data: Data::default(),
        }
    }

    /// Adds a network such as `10.0.0.0/8`; none may lie in another one.
    pub(crate) fn insert(&mut self, network: &str, data: &Value) {
        let (address, length) = network.split_once('/').expect("a network");
        let length: u32 = length.parse().expect("a length");
        let (bits, length) = match address.parse().expect("an address") {
            IpAddr::V4(address) => (u128::from(address.to_bits()), length + 96),
            IpAddr::V6(address) => (address.to_bits(), length),
        };
        let offset = self.data.push(data);
        let mut at = 0;
        for depth in 0..length {
            let side = usize::from(bits >> (DEPTH - 1 - depth) & 1 == 1);
            if depth + 1 == length {
                self.nodes[at][side] = Branch::Data(offset);
                return;
            }
            at = match self.nodes[at][side] {
                Branch::Node(next) => next,
                Branch::Empty | Branch::Data(_) => {
                    self.nodes.push([Branch::Empty; 2]);
                    self.nodes[at][side] = Branch::Node(self.nodes.len() - 1);
                    self.nodes.len() - 1
                }
            };
        }
    }

    /// The file, with records of 24, 28 or 32 bits.
    pub(crate) fn bytes(&self, record_bits: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for [left, right] in &self.nodes {
            let (left, right) = (self.record(*left), self.record(*right));
            match record_bits {
                24 => [left, right].iter().for_each(|side| out.extend(&side.to_be_bytes()[1..])),
                28 => {
                    out.extend(&left.to_be_bytes()[1..]);
                    let high = ((left >> 24) << 4) | (right >> 24);
                    out.push(u8::try_from(high).expect("two halves"));
                    out.extend(&right.to_be_bytes()[1..]);
                }
                32 => [left, right].iter().for_each(|side| out.extend(side.to_be_bytes())),
                other => panic!("no records have {other} bits"),
            }
        }
        out.extend(SEPARATOR);
        out.extend(&self.data.bytes);
        out.extend(METADATA_MARK);
        let mut metadata = Data::default();
        metadata.push(&json!({
            "binary_format_major_version": self.major_version,
            "binary_format_minor_version": 0,
            "build_epoch": 1_767_323_045,
            "database_type": self.kind,
            "description": {"en": "a database of tests"},
            "ip_version": 6,
            "languages": ["en"],
            "node_count": self.nodes.len(),
            "record_size": record_bits,
        }));
        out.extend(metadata.bytes);
        out
    }

    fn record(&self, branch: Branch) -> u32 {
        let record = match branch {
            Branch::Empty => self.nodes.len(),
            Branch::Node(node) => node,
            Branch::Data(offset) => self.nodes.len() + SEPARATOR.len() + offset,
        };
        u32::try_from(record).expect("a small database")
    }
}

/// Values one after the other; a text that comes again points to the first.
#[derive(Default)]
struct Data {
    bytes: Vec<u8>,
    texts: BTreeMap<String, usize>,
}

impl Data {
    /// Adds a value and gives its place.
    fn push(&mut self, value: &Value) -> usize {
        let place = self.bytes.len();
        match value {
            Value::String(text) => self.push_text(text),
            Value::Number(number) => {
                self.control(3, 8);
                self.bytes.extend(number.as_f64().expect("a number").to_be_bytes());
            }
            Value::Bool(truth) => self.control(14, usize::from(*truth)),
            Value::Array(values) => {
                self.control(11, values.len());
                for value in values {
                    self.push(value);
                }
            }
            Value::Object(pairs) => {
                self.control(7, pairs.len());
                for (name, value) in pairs {
                    self.push_text(name);
                    if let Some(whole) = value.as_u64() {
                        self.push_whole(name, whole);
                    } else {
                        self.push(value);
                    }
                }
            }
            Value::Null => panic!("the format has no null"),
        }
        place
    }

    fn push_text(&mut self, text: &str) {
        match self.texts.get(text) {
            Some(place) if *place < 2_048 => {
                let [high, low] = u16::try_from(*place).expect("small").to_be_bytes();
                self.bytes.extend([0x20 | high, low]);
            }
            _ => {
                self.texts.insert(text.to_owned(), self.bytes.len());
                self.control(2, text.len());
                self.bytes.extend(text.as_bytes());
            }
        }
    }

    /// A whole number, in the type that the format's fields of this name have.
    fn push_whole(&mut self, name: &str, whole: u64) {
        let kind = match name {
            "build_epoch" => 9,
            "node_count" | "geoname_id" | "autonomous_system_number" => 6,
            _ => 5,
        };
        let digits: Vec<u8> =
            whole.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        self.control(kind, digits.len());
        self.bytes.extend(digits);
    }

    fn control(&mut self, kind: u8, size: usize) {
        let (short, rest) = match size {
            0..29 => (size, None),
            _ => (29, Some(u8::try_from(size - 29).expect("a short value"))),
        };
        let short = u8::try_from(short).expect("five bits");
        if kind > 7 {
            self.bytes.extend([short, kind - 7]);
        } else {
            self.bytes.push(kind << 5 | short);
        }
        self.bytes.extend(rest);
    }
}

//! Turns a schema's JSON into a program.

use std::collections::BTreeMap;

use json_tree::{Json, Object};

use crate::map_order;
use crate::node::{Additional, Keyword, Mark, Node, NodeId, ObjectRules, Program, Property, Rules};
use crate::report::SchemaIssue;

mod keyword;

/// Most schema objects in one schema, and how often shared ones are compiled again.
pub const NODES_MAX: usize = 20_000;

/// Compiles JSON that follows the metaschema; what does not follow it is passed over.
pub(crate) fn compile(root: &Json<'_>) -> Result<Program, Vec<SchemaIssue>> {
    let mut compiler = Compiler {
        root,
        nodes: Vec::new(),
        targets: BTreeMap::new(),
        pending: Vec::new(),
        path: "$".to_owned(),
        issues: Vec::new(),
    };
    let id = compiler.allocate();
    compiler.targets.insert(String::new(), id);
    compiler.define(id, root);
    while let Some((id, json)) = compiler.pending.pop() {
        compiler.define(id, json);
    }
    if compiler.nodes.len() > NODES_MAX {
        compiler.issue(format!("has more than {NODES_MAX} schemas in it"));
    }
    if compiler.issues.is_empty() {
        Ok(Program { nodes: compiler.nodes })
    } else {
        Err(compiler.issues)
    }
}

struct Compiler<'s> {
    root: &'s Json<'s>,
    nodes: Vec<Node>,
    /// What references point at, by JSON pointer.
    targets: BTreeMap<String, NodeId>,
    pending: Vec<(NodeId, &'s Json<'s>)>,
    path: String,
    issues: Vec<SchemaIssue>,
}

impl<'s> Compiler<'s> {
    fn allocate(&mut self) -> NodeId {
        self.nodes.push(Node::Anything);
        NodeId(self.nodes.len() - 1)
    }

    fn issue(&mut self, message: String) {
        self.issues.push(SchemaIssue { path: self.path.clone(), message });
    }

    /// Compiles a schema below the current one.
    fn child(&mut self, json: &'s Json<'s>, step: &str) -> NodeId {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(step);
        let id = self.allocate();
        self.define(id, json);
        self.path.truncate(length);
        id
    }

    fn define(&mut self, id: NodeId, json: &'s Json<'s>) {
        // The rest of an oversized schema is not looked at; that it is one is said at the end.
        let Some(schema) = json.as_object().filter(|_| self.nodes.len() <= NODES_MAX) else {
            return;
        };
        let node = match schema.get("$ref").and_then(Json::as_str) {
            Some(reference) => self.reference(reference),
            None => self.rules(schema),
        };
        if let Some(place) = self.nodes.get_mut(id.0) {
            *place = node;
        }
    }

    fn reference(&mut self, reference: &str) -> Node {
        if reference.starts_with("http://") || reference.starts_with("https://") {
            return Node::Anything;
        }
        let Some(pointer) = reference.strip_prefix('#') else {
            self.issue("refers to something outside the schema".to_owned());
            return Node::Anything;
        };
        if let Some(id) = self.targets.get(pointer) {
            return Node::Same(*id);
        }
        let Some(json) = find(self.root, pointer) else {
            self.issue("refers to something that is not in the schema".to_owned());
            return Node::Anything;
        };
        let id = self.allocate();
        self.targets.insert(pointer.to_owned(), id);
        self.pending.push((id, json));
        Node::Same(id)
    }

    fn rules(&mut self, schema: &'s Object<'s>) -> Node {
        let mut keywords: Vec<(&str, &Json<'_>)> = schema.iter().collect();
        map_order::sort(&mut keywords, |(name, _)| name);
        keywords.sort_by_key(|(name, _)| *name != "properties");
        let mut rules = Rules::default();
        for (name, value) in keywords {
            let Some(keyword) = Keyword::named(name) else { continue };
            rules.order.push(keyword);
            let length = self.path.len();
            self.path.push('.');
            self.path.push_str(name);
            self.keyword(&mut rules, keyword, value, schema);
            self.path.truncate(length);
        }
        if rules.order.is_empty() {
            return Node::Anything;
        }
        if let Some(object) = &mut rules.object {
            object.known = known(object);
            object.required_count = object.known.iter().filter(|known| known.is_required).count();
        }
        Node::Rules(Box::new(rules))
    }
}

fn known(object: &ObjectRules) -> Vec<Property> {
    let mut known: BTreeMap<&str, (Option<NodeId>, bool)> = BTreeMap::new();
    for (name, id) in &object.properties {
        known.entry(name).or_default().0 = Some(*id);
    }
    for name in &object.required {
        known.entry(name).or_default().1 = true;
    }
    let property = |(name, (node, is_required)): (&str, _)| Property {
        mark: Mark::of(name),
        name: name.into(),
        node,
        is_required,
    };
    let mut known: Vec<Property> = known.into_iter().map(property).collect();
    known.sort_unstable_by(|a, b| a.order(b.mark, &b.name));
    known
}

/// What a JSON pointer in a URI fragment points at.
fn find<'s>(root: &'s Json<'s>, pointer: &str) -> Option<&'s Json<'s>> {
    if pointer.is_empty() {
        return Some(root);
    }
    let mut found = root;
    for step in pointer.strip_prefix('/')?.split('/') {
        let step = percent_decoded(step).replace("~1", "/").replace("~0", "~");
        found = match found {
            Json::Object(object) => object.get(&step)?,
            Json::Array(values) => values.get(step.parse::<usize>().ok()?)?,
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => return None,
        };
    }
    Some(found)
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().filter(|_| *first == b'%');
        let decoded = digits
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Additional {
    fn of<'s>(compiler: &mut Compiler<'s>, json: Option<&'s Json<'s>>) -> Self {
        match json {
            Some(Json::Bool(false)) => Self::Nothing,
            Some(schema @ Json::Object(_)) => Self::Checked(compiler.child(schema, "additional")),
            _ => Self::Anything,
        }
    }
}

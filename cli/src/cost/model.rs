//! The model: inputs, what is derived from them, and what the parts cost.

use std::collections::BTreeMap;

use yaml_tree::{Entry, Map, Node, Problem, Problems, Value, number, text};

use super::formula::Formula;

/// The model that comes with the command; docs/COST.md shows it.
const MODEL: &str = include_str!("model.yaml");
/// What problems call it, and a file of rates.
const DOCUMENT: &str = "the model";
const RATES: &str = "the rates";
/// The largest number that an input may be.
const INPUT_MAX: f64 = 1e18;
/// Parts whose name ends like this are there without a single event.
const FIXED: &str = "_fixed";
/// The largest file of rates, in bytes.
const RATES_BYTES_MAX: usize = 1_048_576;

/// Inputs and formulas.
#[derive(Debug)]
pub(super) struct Model {
    /// When its prices were looked up.
    pub(super) dated: String,
    /// By group, in the order of the file.
    groups: Vec<(String, Vec<String>)>,
    inputs: BTreeMap<String, f64>,
    derived: Vec<(String, Formula)>,
    costs: Vec<(String, Formula)>,
}

/// What a model comes to.
#[derive(Debug, Default)]
pub(super) struct Bill {
    pub(super) inputs: Vec<(String, f64)>,
    pub(super) derived: Vec<(String, f64)>,
    pub(super) costs: Vec<(String, f64)>,
    pub(super) total: f64,
    pub(super) fixed: f64,
    /// How often a million events go into the load.
    pub(super) millions: f64,
}

impl Model {
    /// The model that comes with the command.
    pub(super) fn embedded() -> Result<Self, Vec<Problem>> {
        Self::parse(MODEL)
    }

    fn parse(model: &str) -> Result<Self, Vec<Problem>> {
        let tree = yaml_tree::parse(model, DOCUMENT).map_err(|problem| vec![problem])?;
        let mut problems = Problems::of(DOCUMENT);
        let mut read = Self {
            dated: String::new(),
            groups: Vec::new(),
            inputs: BTreeMap::new(),
            derived: Vec::new(),
            costs: Vec::new(),
        };
        if let Some(mut map) = Map::of(&tree, "", &mut problems) {
            map.require("version", &mut problems);
            read.dated = dated(map.require("dated", &mut problems), &mut problems);
            let groups = map.require("inputs", &mut problems);
            for group in groups.map(|it| entries(it, "inputs", &mut problems)).unwrap_or_default() {
                let inputs = entries(&group.node, &group.key, &mut problems);
                read.groups
                    .push((group.key.clone(), inputs.iter().map(|it| it.key.clone()).collect()));
                for input in inputs {
                    let value = input_value(input, &mut problems);
                    read.inputs.extend(value.map(|value| (input.key.clone(), value)));
                }
            }
            read.derived = formulas(map.require("derived", &mut problems), &mut problems);
            read.costs = formulas(map.require("costs", &mut problems), &mut problems);
            map.finish(&mut problems);
        }
        problems.finish(read)
    }

    /// Sets an input; whether there is one of that name.
    pub(super) fn set(&mut self, name: &str, value: f64) -> bool {
        self.inputs.get_mut(name).map(|input| *input = value).is_some()
    }

    /// Takes the inputs of a file, or says everything that is wrong with it.
    pub(super) fn set_rates(&mut self, rates: &str) -> Result<(), Vec<Problem>> {
        if rates.len() > RATES_BYTES_MAX {
            let message = format!("are larger than {RATES_BYTES_MAX} bytes");
            return Err(vec![Problem::at(0, RATES, message)]);
        }
        let tree = yaml_tree::parse(rates, RATES).map_err(|problem| vec![problem])?;
        let mut problems = Problems::of(RATES);
        if let Some(mut map) = Map::of(&tree, "", &mut problems) {
            if let Some(node) = map.take("dated") {
                self.dated = dated(Some(node), &mut problems);
            }
            let inputs = map.require("inputs", &mut problems);
            for entry in inputs.map(|it| entries(it, "inputs", &mut problems)).unwrap_or_default() {
                self.set_entry(entry, &mut problems);
            }
            map.finish(&mut problems);
        }
        problems.finish(())
    }

    /// An input, or a group of inputs.
    fn set_entry(&mut self, entry: &Entry, problems: &mut Problems) {
        let group = self.groups.iter().find(|(name, _)| *name == entry.key);
        let inputs = match (&entry.node.value, group) {
            (Value::Map(_), Some(_)) => entries(&entry.node, &entry.key, problems),
            _ => std::slice::from_ref(entry),
        };
        for input in inputs {
            if !self.inputs.contains_key(&input.key) {
                problems.add(input.line, &input.key, "is no input of the model");
            } else if let Some(value) = input_value(input, problems) {
                self.set(&input.key, value);
            }
        }
    }

    /// Computes everything; the error names what has no value with these inputs.
    pub(super) fn bill(&self) -> Result<Bill, String> {
        let mut bill = Bill::default();
        let mut known = self.inputs.clone();
        for name in self.groups.iter().flat_map(|(_, names)| names) {
            let value = self.inputs.get(name).copied().unwrap_or_default();
            bill.inputs.push((name.clone(), value));
        }
        bill.derived = computed(&self.derived, &mut known)?;
        bill.costs = computed(&self.costs, &mut known)?;
        bill.total = bill.costs.iter().map(|(_, cost)| cost).sum();
        let is_fixed = |(name, _): &&(String, f64)| name.ends_with(FIXED);
        bill.fixed = bill.costs.iter().filter(is_fixed).map(|(_, cost)| cost).sum();
        bill.millions = known.get("events").copied().unwrap_or_default() / 1e6;
        Ok(bill)
    }
}

fn computed(
    formulas: &[(String, Formula)],
    known: &mut BTreeMap<String, f64>,
) -> Result<Vec<(String, f64)>, String> {
    let mut values = Vec::new();
    for (name, formula) in formulas {
        let value = formula.value(&|name| known.get(name).copied());
        let value =
            value.map_err(|missing| format!("{name} needs {missing}, which is not known"))?;
        if !value.is_finite() {
            return Err(format!("{name} divides by zero with these inputs"));
        }
        known.insert(name.clone(), value);
        values.push((name.clone(), value));
    }
    Ok(values)
}

fn entries<'a>(node: &'a Node, subject: &str, problems: &mut Problems) -> &'a [Entry] {
    if let Value::Map(entries) = &node.value {
        return entries;
    }
    problems.add(node.line, subject, "is no map");
    &[]
}

fn input_value(entry: &Entry, problems: &mut Problems) -> Option<f64> {
    number(&entry.node, &entry.key, (0.0, INPUT_MAX), problems)
}

fn dated(node: Option<&Node>, problems: &mut Problems) -> String {
    node.and_then(|it| text(it, "dated", problems)).unwrap_or_default().to_owned()
}

fn formulas(node: Option<&Node>, problems: &mut Problems) -> Vec<(String, Formula)> {
    let mut all = Vec::new();
    for entry in node.map(|it| entries(it, "formulas", problems)).unwrap_or_default() {
        let Some(formula) = text(&entry.node, &entry.key, problems) else { continue };
        match Formula::parse(formula) {
            Ok(formula) => all.push((entry.key.clone(), formula)),
            Err(error) => problems.add(entry.line, &entry.key, error.to_string()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_that_comes_along_can_be_computed() {
        let bill = Model::embedded().unwrap().bill().unwrap();
        assert!(bill.total > bill.fixed && bill.fixed > 0.0);
    }

    #[test]
    fn what_is_wrong_with_rates_is_said_at_once() {
        let problems = |rates: &str| -> Vec<String> {
            let result = Model::embedded().unwrap().set_rates(rates);
            result.err().unwrap_or_default().iter().map(ToString::to_string).collect()
        };
        let rates = "inputs:\n  api_request: free\n  pricez: {secret_month: 1}\n  prices:\n    secret: 1\n    log_gb: -1\n  seconds: inf\ncosts: {}\n";
        assert_eq!(
            problems(rates),
            [
                "line 2: api_request is \"free\" and no number from 0 to 1000000000000000000",
                "line 3: pricez is no input of the model",
                "line 5: secret is no input of the model",
                "line 6: log_gb is \"-1\" and no number from 0 to 1000000000000000000",
                "line 7: seconds is \"inf\" and no number from 0 to 1000000000000000000",
                "line 8: costs is not known",
            ]
        );
        assert_eq!(problems("dated: 2027\n").len(), 1);
        let start = "inputs: {}\n#";
        let fill = "x".repeat(RATES_BYTES_MAX - start.len());
        assert_eq!(problems(&format!("{start}{fill}")).len(), 0);
        assert_eq!(problems(&format!("{start}{fill}x")).len(), 1);
    }
}

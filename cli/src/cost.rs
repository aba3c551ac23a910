//! `whiteout cost`: what a month costs, by the model of docs/COST.md.

mod formula;
mod model;

use std::fmt::Write as _;
use std::io::Write as _;

use json_tree::Json;
use yaml_tree::Problem;

use crate::config::CostOptions;
use crate::policies::{PrivacyError, unusable};

use model::{Bill, Model};

/// The least width of the column with the parts' names.
const NAME_CHARS: usize = 26;

/// Computes the model and prints what it comes to.
pub(crate) fn run(options: &CostOptions) -> Result<(), PrivacyError> {
    let complain = |problems: Vec<Problem>, file: &str| {
        PrivacyError::Unusable(problems.iter().map(|it| format!("{file}: {it}")).collect())
    };
    let mut model = Model::embedded().map_err(|problems| complain(problems, "model"))?;
    if let Some(file) = &options.rates {
        let text = std::fs::read_to_string(file).map_err(|error| unusable(file, error))?;
        let name = file.display().to_string();
        model.set_rates(&text).map_err(|problems| complain(problems, &name))?;
    }
    for (name, value) in &options.inputs {
        // The command line has only names that there are.
        model.set(name, *value);
    }
    let bill = model.bill().map_err(PrivacyError::Findings)?;
    let text =
        if options.as_json { to_json(&bill, &model.dated) } else { to_text(&bill, &model.dated) };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Whether the model has an input of that name.
pub(crate) fn has_input(name: &str) -> bool {
    Model::embedded().is_ok_and(|mut model| model.set(name, 0.0))
}

fn to_text(bill: &Bill, dated: &str) -> String {
    let events = bill.millions;
    let mut text = format!("{events} million events a month; US dollars, prices: {dated}\n\n");
    let mut line = |name: &str, cost: f64| {
        let each = cost / bill.millions;
        writeln!(text, "{name:NAME_CHARS$} {cost:>12.2} {each:>12.4}").ok();
    };
    for (name, cost) in &bill.costs {
        line(name, *cost);
    }
    line("total", bill.total);
    line("of it fixed", bill.fixed);
    line("without what is fixed", bill.total - bill.fixed);
    let header = format!("{:NAME_CHARS$} {:>12} {:>12}\n", "PART", "A MONTH", "A MILLION");
    text.replacen("\n\n", &format!("\n\n{header}"), 1)
}

fn to_json(bill: &Bill, dated: &str) -> String {
    let number = |value: f64| Json::Number(value.to_string().into());
    let object = |values: &[(String, f64)]| {
        Json::object(values.iter().map(|(name, value)| (name.clone(), number(*value))))
    };
    let each = |cost: f64| number(cost / bill.millions);
    let json = Json::object([
        ("dated", Json::text(dated)),
        ("inputs", object(&bill.inputs)),
        ("derived", object(&bill.derived)),
        ("costs", object(&bill.costs)),
        ("total", number(bill.total)),
        ("fixed", number(bill.fixed)),
        (
            "million_events",
            Json::object([
                ("without_fixed", each(bill.total - bill.fixed)),
                ("all", each(bill.total)),
            ]),
        ),
    ]);
    format!("{}\n", json.to_text())
}

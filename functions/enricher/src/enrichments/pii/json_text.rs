//! Changes values in JSON text at the places that paths name, in one walk and without a tree.

use std::borrow::Cow;
use std::ops::Range;

use json_tree::{Malformed, Scalar, Scanner, write_text};

use super::json_path::Step;

/// A text on its way to another one: texts and numbers at the ends of paths become what `change`
/// makes of them.
pub(super) struct Rewriting<'p, 't, C> {
    text: &'t str,
    scanner: Scanner<'t>,
    /// What stands before this is written.
    written: usize,
    out: String,
    /// The paths that are followed: those of the value that is read now stand behind those of the
    /// values around it.
    leads: Vec<Lead<'p>>,
    change: C,
}

/// The rest of a path, and how often it leads here.
#[derive(Clone, Copy)]
struct Lead<'p> {
    steps: &'p [Step],
    times: u8,
}

impl<'p, 't, C: FnMut(&str) -> String> Rewriting<'p, 't, C> {
    pub(super) fn new(text: &'t str, change: C) -> Self {
        let out = String::new();
        Self { text, scanner: Scanner::new(text), written: 0, out, leads: Vec::new(), change }
    }

    /// Where the next value begins.
    pub(super) fn here(&self) -> Scanner<'t> {
        self.scanner
    }

    /// The text with its changes; none if nothing was changed.
    pub(super) fn finish(mut self) -> Option<String> {
        if self.written == 0 {
            return None;
        }
        self.out.push_str(self.text.get(self.written..).unwrap_or_default());
        Some(self.out)
    }

    /// Passes over the next value.
    pub(super) fn skip(&mut self, levels_left: usize) -> Result<(), Malformed> {
        self.scanner.skip(levels_left)
    }

    /// Reads the next value, an object; `member` reads what stands behind each key.
    pub(super) fn members(
        &mut self,
        mut member: impl FnMut(&mut Self, &str) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.scanner.take(b'{')?;
        let mut is_first = true;
        while self.scanner.more(is_first, b'}')? {
            is_first = false;
            let key = self.scanner.string()?.text()?;
            self.scanner.take(b':')?;
            member(self, &key)?;
        }
        Ok(())
    }

    /// Reads the next value, a list; `item` reads each value in it.
    pub(super) fn items(
        &mut self,
        mut item: impl FnMut(&mut Self, usize) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        self.scanner.take(b'[')?;
        let mut at = 0;
        while self.scanner.more(at == 0, b']')? {
            item(self, at)?;
            at += 1;
        }
        Ok(())
    }

    /// Reads the next value and changes what these paths name in it; a list stands for its values.
    pub(super) fn value(
        &mut self,
        paths: impl Iterator<Item = &'p [Step]>,
        levels_left: usize,
    ) -> Result<(), Malformed> {
        let from = self.leads.len();
        paths.for_each(|steps| self.lead(from, Lead { steps, times: 1 }));
        self.led(from, 0, levels_left)?;
        self.leads.truncate(from);
        Ok(())
    }

    /// Follows a path to the value whose paths begin at one.
    fn lead(&mut self, from: usize, lead: Lead<'p>) {
        let known = self.leads.iter_mut().skip(from).find(|it| std::ptr::eq(it.steps, lead.steps));
        match known {
            Some(known) => known.times = known.times.saturating_add(lead.times),
            None => self.leads.push(lead),
        }
    }

    /// Reads a value to which the paths from one on lead; `in_list` is how often the list is meant
    /// whose value it is.
    fn led(&mut self, from: usize, in_list: u8, levels_left: usize) -> Result<(), Malformed> {
        let mut at = from;
        while let Some(Lead { steps, times }) = self.leads.get(at).copied() {
            if let [Step::Below, rest @ ..] = steps {
                self.lead(from, Lead { steps: rest, times });
            }
            at += 1;
        }
        if at == from && in_list == 0 {
            return self.scanner.skip(levels_left);
        }
        let ends = self.leads.iter().skip(from).filter(|lead| lead.steps.is_empty());
        let times = ends.fold(0_u8, |times, lead| times.saturating_add(lead.times));
        let deeper = levels_left.checked_sub(1).ok_or(Malformed)?;
        match self.scanner.peek()? {
            b'{' => self.object(from..at, deeper),
            b'[' => self.array(from..at, times, deeper),
            _ => self.scalar(times.saturating_add(in_list)),
        }
    }

    fn object(&mut self, leads: Range<usize>, levels_left: usize) -> Result<(), Malformed> {
        self.members(|it, key| {
            it.lead_inside(leads.clone(), |step| match step {
                Step::Names(names) => names.iter().filter(|name| *name == key).count(),
                Step::All => 1,
                Step::Indexes(_) | Step::Slice(..) | Step::Below => 0,
            });
            it.led(leads.end, 0, levels_left)
        })
    }

    fn array(
        &mut self,
        leads: Range<usize>,
        times: u8,
        levels_left: usize,
    ) -> Result<(), Malformed> {
        let counts =
            |lead: &Lead<'_>| matches!(lead.steps, [Step::Indexes(_) | Step::Slice(..), ..]);
        let is_counted = self.leads.iter().skip(leads.start).any(counts);
        let length = if is_counted { self.length_ahead(levels_left)? } else { 0 };
        self.items(|it, at| {
            it.lead_inside(leads.clone(), |step| match step {
                Step::Indexes(indexes) => {
                    indexes.iter().filter(|index| place(**index, length) == Some(at)).count()
                }
                Step::Slice(from, to) => {
                    let end =
                        |end: i64| place(end, length).unwrap_or(if end < 0 { 0 } else { length });
                    let (from, to) = (from.map_or(0, end), to.map_or(length, end));
                    usize::from((from..to).contains(&at))
                }
                Step::All => 1,
                Step::Names(_) | Step::Below => 0,
            });
            it.led(leads.end, times, levels_left)
        })
    }

    /// How many values the list has that comes next.
    fn length_ahead(&self, levels_left: usize) -> Result<usize, Malformed> {
        let mut ahead = self.scanner;
        ahead.take(b'[')?;
        let mut length = 0;
        while ahead.more(length == 0, b']')? {
            ahead.skip(levels_left)?;
            length += 1;
        }
        Ok(length)
    }

    /// Follows paths into the next value, each as often as its first step fits; `..` goes everywhere.
    fn lead_inside(&mut self, leads: Range<usize>, fits: impl Fn(&Step) -> usize) {
        let below = leads.end;
        self.leads.truncate(below);
        for at in leads {
            let Some(Lead { steps, times }) = self.leads.get(at).copied() else { continue };
            let Some((step, rest)) = steps.split_first() else { continue };
            if *step == Step::Below {
                self.lead(below, Lead { steps, times });
                continue;
            }
            let fits = u8::try_from(fits(step)).unwrap_or(u8::MAX);
            if fits > 0 {
                self.lead(below, Lead { steps: rest, times: times.saturating_mul(fits) });
            }
        }
    }

    fn scalar(&mut self, times: u8) -> Result<(), Malformed> {
        self.scanner.peek()?;
        let start = self.scanner.position();
        let value = match self.scanner.scalar()? {
            Scalar::Text(text) => text.text()?,
            Scalar::Number(number) => Cow::Borrowed(number),
            Scalar::Bool(_) | Scalar::Null => return Ok(()),
        };
        if times == 0 {
            return Ok(());
        }
        let changed = (1..times).fold((self.change)(&value), |text, _| (self.change)(&text));
        // Most changes are one and longer than what was there.
        self.out.reserve(self.text.len() - self.written + changed.len());
        self.out.push_str(self.text.get(self.written..start).unwrap_or_default());
        write_text(&changed, &mut self.out);
        self.written = self.scanner.position();
        Ok(())
    }
}

/// An index from the front, or, below zero, from the end.
fn place(index: i64, length: usize) -> Option<usize> {
    let at = if index < 0 { index.checked_add(i64::try_from(length).ok()?)? } else { index };
    usize::try_from(at).ok().filter(|at| *at < length)
}

#[cfg(test)]
mod tests {
    use json_tree::Json;
    use proptest::prelude::*;

    use super::super::json_path::JsonPath;
    use super::*;

    const LEVELS: usize = 20;

    fn changed(paths: &[JsonPath], json: &str) -> String {
        let mut rewriting = Rewriting::new(json, |value| format!("<{value}>"));
        rewriting.value(paths.iter().map(JsonPath::steps), LEVELS).unwrap();
        rewriting.finish().unwrap_or_else(|| json.to_owned())
    }

    #[test]
    fn a_path_finds_its_values() {
        let json = r#"{"a":1,"b":{"a":2,"c d":[3,4,5]},"e":[{"a":6},{"a":7}]}"#;
        for (path, places) in [
            ("$.a", &["1"][..]),
            ("$['a']", &["1"]),
            ("$.b['c d'][-1]", &["5"]),
            ("$.b[\"c d\"][0,1]", &["3", "4"]),
            ("$.b.['c d'][1:]", &["4", "5"]),
            ("$.b['c d'][:2]", &["3", "4"]),
            ("$.b['c d']", &["3", "4", "5"]),
            ("$.e[*].a", &["6", "7"]),
            ("$..a", &["1", "2", "6", "7"]),
            ("$.['a', 'e', 'x']", &["1"]),
            ("$.*", &["1"]),
            ("$.*.a", &["2"]),
            ("$", &[]),
            ("$.e.a", &[]),
            ("$.b[0]", &[]),
            ("$.x.y[7]", &[]),
        ] {
            let expected = places.iter().fold(json.to_owned(), |text, place| {
                text.replace(&format!(":{place}"), &format!(":\"<{place}>\""))
                    .replace(&format!("[{place}"), &format!("[\"<{place}>\""))
                    .replace(&format!(",{place}"), &format!(",\"<{place}>\""))
            });
            assert_eq!(changed(&[JsonPath::parse(path).unwrap()], json), expected, "{path}");
        }
    }

    #[test]
    fn values_keep_what_they_are_unless_they_are_meant() {
        let json = r#"{ "a" : "\u00e9\n" , "b":[true,null,1.50,"x\"y"],"c":{"a":1e5}}"#;
        let path = |text| JsonPath::parse(text).unwrap();
        assert_eq!(
            changed(&[path("$.a"), path("$.b"), path("$.c")], json),
            r#"{ "a" : "<é\n>" , "b":[true,null,"<1.50>","<x\"y>"],"c":{"a":1e5}}"#
        );
        assert_eq!(changed(&[path("$.c.a"), path("$..a")], r#"{"c":{"a":1}}"#), {
            r#"{"c":{"a":"<<1>>"}}"#
        });
    }

    #[test]
    fn what_is_no_json_is_malformed() {
        let path = JsonPath::parse("$..a").unwrap();
        for text in ["", "{", "[1,]", r#"{"a":01}"#, &"[".repeat(LEVELS + 1)] {
            let mut rewriting = Rewriting::new(text, str::to_owned);
            assert_eq!(
                rewriting.value([path.steps()].into_iter(), LEVELS),
                Err(Malformed),
                "{text}"
            );
        }
    }

    /// The same on a tree, path after path.
    fn visit(steps: &[Step], json: &mut Json<'_>, act: &mut dyn FnMut(&mut Json<'_>)) {
        let Some((step, rest)) = steps.split_first() else { return act(json) };
        match (step, &mut *json) {
            (Step::Names(names), Json::Object(object)) => {
                for name in names {
                    if let Some(value) = object.get_mut(name) {
                        visit(rest, value, act);
                    }
                }
            }
            (Step::Indexes(indexes), Json::Array(values)) => {
                let length = values.len();
                for at in indexes.iter().filter_map(|index| place(*index, length)) {
                    visit(rest, &mut values[at], act);
                }
            }
            (Step::Slice(from, to), Json::Array(values)) => {
                let length = values.len();
                let end = |end: i64| place(end, length).unwrap_or(if end < 0 { 0 } else { length });
                let (from, to) = (from.map_or(0, end), to.map_or(length, end));
                for value in values.get_mut(from..to).unwrap_or_default() {
                    visit(rest, value, act);
                }
            }
            (Step::All, _) => children(json, &mut |value| visit(rest, value, act)),
            (Step::Below, _) => {
                children(json, &mut |value| visit(steps, value, act));
                visit(rest, json, act);
            }
            _ => {}
        }
    }

    fn children(json: &mut Json<'_>, act: &mut dyn FnMut(&mut Json<'_>)) {
        match json {
            Json::Array(values) => values.iter_mut().for_each(act),
            Json::Object(object) => object.iter_mut().for_each(|(_, value)| act(value)),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => {}
        }
    }

    fn change(value: &mut Json<'_>) {
        if let Json::Text(text) | Json::Number(text) = value {
            *value = Json::text(format!("<{text}>"));
        }
    }

    fn some_json() -> impl Strategy<Value = Json<'static>> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::Bool),
            (0_i64..9).prop_map(Json::integer),
            "[a-c\"\\\\\n]{0,2}".prop_map(Json::text),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let member = ("[abc]", inner.clone());
            prop_oneof![
                prop::collection::vec(inner, 0..4).prop_map(Json::Array),
                prop::collection::vec(member, 0..4).prop_map(Json::object),
            ]
        })
    }

    fn some_path() -> impl Strategy<Value = String> {
        let step = r"(\.\.[abc]|\.\.\*|\.[abc]|\['a','b'\]|\[\*\]|\[-1,0\]|\[0:2\]|\[-2:\])";
        prop::collection::vec(step, 0..4).prop_map(|steps| format!("${}", steps.concat()))
    }

    proptest! {
        #[test]
        fn a_walk_over_the_text_changes_what_a_walk_over_the_tree_changes(
            json in some_json(),
            paths in prop::collection::vec(some_path(), 1..4),
        ) {
            let text = json.to_text();
            let paths: Vec<_> = paths.iter().map(|path| JsonPath::parse(path).unwrap()).collect();
            let mut tree = json;
            for path in &paths {
                visit(path.steps(), &mut tree, &mut |value| {
                    change(value);
                    value.as_array_mut().into_iter().flatten().for_each(change);
                });
            }
            prop_assert_eq!(changed(&paths, &text), tree.to_text());
        }
    }
}

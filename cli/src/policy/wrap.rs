//! Text that is readable in a terminal.

/// How wide it may be.
pub(crate) const WIDTH: usize = 100;

/// Appends the words in lines of at most the width, the second and further ones indented. A word
/// that is longer stands alone.
pub(crate) fn wrap(text: &str, indent: usize, out: &mut String) {
    let words = text.trim_start_matches(' ');
    let start = text.len() - words.len();
    out.push_str(&" ".repeat(start));
    let mut used = start;
    let mut is_first = true;
    for word in words.split(' ') {
        let length = word.chars().count();
        if !is_first && used + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            used = indent;
        } else if !is_first {
            out.push(' ');
            used += 1;
        }
        is_first = false;
        out.push_str(word);
        used += length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_the_width() {
        for (lengths, lines) in [(vec![49, 50], 1), (vec![50, 50], 2), (vec![200], 1)] {
            let words: Vec<_> = lengths.iter().map(|length| "x".repeat(*length)).collect();
            let mut out = String::new();
            wrap(&words.join(" "), 4, &mut out);
            assert_eq!(out.lines().count(), lines, "{out}");
        }
        let mut out = String::new();
        wrap("  a b", 4, &mut out);
        assert_eq!(out, "  a b\n");
    }
}

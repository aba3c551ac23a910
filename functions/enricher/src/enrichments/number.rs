//! Numbers as Java prints them.

/// A float as `Float.toString` writes it: shortest digits, a point, an exponent when far from 1.
pub(crate) fn java_float(number: f32) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-3..1e7).contains(&size) {
        let text = format!("{number:E}");
        return match text.split_once('E') {
            Some((digits, power)) if !digits.contains('.') => format!("{digits}.0E{power}"),
            _ => text,
        };
    }
    format!("{number:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_like_javas() {
        for (number, expected) in [
            (43.88, "43.88"),
            (125.3228, "125.3228"),
            (-0.0, "-0.0"),
            (0.0, "0.0"),
            (38.0, "38.0"),
            (0.001, "0.001"),
            (0.0005, "5.0E-4"),
            (1.5e7, "1.5E7"),
            (9_999_999.0, "9999999.0"),
        ] {
            assert_eq!(java_float(number), expected);
        }
    }
}

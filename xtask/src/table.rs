//! The table of what was built.

use std::fmt::Write;

const HEAD: [&str; 5] = ["plugin", "version", "provides", "size", "fingerprint"];
/// The column of numbers is flush right.
const NUMBERS: usize = 3;

/// The rows under a head, in columns.
pub(crate) fn aligned(rows: &[[String; 5]]) -> String {
    let widths: [usize; 5] = std::array::from_fn(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .chain(HEAD.get(column).map(|head| head.len()))
            .max()
            .unwrap_or_default()
    });
    let mut text = String::new();
    for row in [HEAD.map(str::to_owned)].iter().chain(rows) {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            let gap = if column == 0 { "" } else { "  " };
            // Writing to a `String` does not fail.
            let _ = if column == NUMBERS {
                write!(line, "{gap}{cell:>width$}")
            } else {
                write!(line, "{gap}{cell:<width$}")
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

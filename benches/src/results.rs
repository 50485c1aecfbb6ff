//! What rows leave behind, as files: the report is made of them, whenever each was measured.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use crate::{Outcome, machine::Machine};

/// What one row has shown.
#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) number: u8,
    pub(crate) title: String,
    /// Where it was measured.
    pub(crate) machine: Machine,
    pub(crate) findings: Vec<Finding>,
    pub(crate) plots: Vec<Plot>,
    /// What a reader has to know besides.
    pub(crate) notes: Vec<String>,
    /// Why the row is not whole.
    pub(crate) failed: Vec<String>,
    /// How long the measuring took.
    pub(crate) seconds: f64,
}

/// One measured thing, and what it may be at most.
#[derive(Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) what: String,
    pub(crate) measured: f64,
    pub(crate) unit: String,
    pub(crate) bar: Option<f64>,
    /// What it was computed from, or compared with.
    pub(crate) parts: Vec<Part>,
    /// What a reader is told if the bar is missed: the profile, what was tried, the nearest figure.
    pub(crate) why: Option<String>,
}

/// A figure with a name.
#[derive(Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
}

/// How something grows: a picture, and a table.
#[derive(Serialize, Deserialize)]
pub(crate) struct Plot {
    /// The picture's file, without what all are called.
    pub(crate) file: String,
    pub(crate) title: String,
    /// What the picture shows, for whoever has not read the rest.
    pub(crate) caption: String,
    /// Of what there is more and more.
    pub(crate) of: String,
    /// What is measured, and in which unit.
    pub(crate) what: String,
    pub(crate) unit: String,
    pub(crate) curves: Vec<Curve>,
}

/// One line of a plot.
#[derive(Serialize, Deserialize)]
pub(crate) struct Curve {
    pub(crate) name: String,
    /// The place of what it is compared with: a peer has the colour of its subject.
    pub(crate) peer_of: Option<usize>,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Finding {
    /// A ratio, at most `bar`.
    pub(crate) fn ratio(what: impl Into<String>, measured: f64, bar: f64, parts: Vec<Part>) -> Self {
        Self { what: what.into(), measured, unit: "×".to_owned(), bar: Some(bar), parts, why: None }
    }

    /// A figure, at most `bar`.
    pub(crate) fn at_most(
        what: impl Into<String>,
        measured: f64,
        unit: &str,
        bar: f64,
        parts: Vec<Part>,
    ) -> Self {
        Self { what: what.into(), measured, unit: unit.to_owned(), bar: Some(bar), parts, why: None }
    }

    /// A figure without a bar.
    pub(crate) fn plain(what: impl Into<String>, measured: f64, unit: &str, parts: Vec<Part>) -> Self {
        Self { what: what.into(), measured, unit: unit.to_owned(), bar: None, parts, why: None }
    }

    /// Says why the bar is missed, where it is; not printed where it is met.
    pub(crate) fn why(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    /// Whether the bar is met, to the digits that are shown.
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.bar.map(|bar| self.measured < bar + 0.005)
    }

    /// Whether there is a bar, and it is not met.
    pub(crate) fn is_missed(&self) -> bool {
        self.is_met() == Some(false)
    }
}

impl Part {
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &str) -> Self {
        Self { name: name.into(), value, unit: unit.to_owned() }
    }
}

impl Row {
    /// Leaves the row in a directory, in place of what was there.
    pub(crate) fn write(&self, directory: &Path) -> Outcome<()> {
        fs::create_dir_all(directory)?;
        let file = directory.join(format!("{:02}.json", self.number));
        Ok(fs::write(file, serde_json::to_vec_pretty(self)?)?)
    }
}

/// The rows in a directory, in their order.
pub(crate) fn read(directory: &Path) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for entry in fs::read_dir(directory)? {
        let file = entry?.path();
        match serde_json::from_slice::<Row>(&fs::read(&file)?) {
            Ok(row) => rows.push(row),
            // One left by another version of this program is no reason to lose the others.
            Err(error) => eprintln!("note: {} is left out: {error}", file.display()),
        }
    }
    rows.sort_by_key(|row| row.number);
    Ok(rows)
}

/// The value in the middle; not a number if there is none.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle), values.get(middle.wrapping_sub(1))) {
        (Some(upper), Some(lower)) if values.len().is_multiple_of(2) => f64::midpoint(*lower, *upper),
        (Some(middle), _) => *middle,
        (None, _) => f64::NAN,
    }
}

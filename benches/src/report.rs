//! `docs/performance.md`, of the results that there are.

mod plots;

use std::{fmt::Write as _, fs};

use crate::{
    Outcome,
    results::{self, Finding, Part, Row},
    rounds::Effort,
    rows::Bench,
};

/// Writes the report and its pictures: into the repository, or, after a quick run, beside the results.
pub(crate) fn write(bench: &Bench) -> Outcome<()> {
    let rows = results::read(&bench.results())?;
    let directory = match bench.effort {
        Effort::Full => bench.plugins.repository().join("docs"),
        Effort::Smoke => bench.plugins.output().join("smoke-report"),
    };
    let pictures = directory.join("performance");
    fs::create_dir_all(&pictures)?;
    let drawn = plots::draw(&rows, &pictures)?;
    fs::write(directory.join("performance.md"), text(&rows, &drawn)?)?;
    eprintln!("report: {}", directory.join("performance.md").display());
    Ok(())
}

fn text(rows: &[Row], pictures: &[(&str, String)]) -> Outcome<String> {
    let mut text = String::from(BEGINNING);
    let mut machines: Vec<_> = rows.iter().map(|row| &row.machine).collect();
    machines.dedup();
    for machine in machines {
        writeln!(
            text,
            "- {}, {} cores; {}; rustc {}",
            machine.cpu, machine.cores, machine.kernel, machine.rustc
        )?;
    }
    for (caption, file) in pictures {
        writeln!(text, "\n![{caption}](performance/{file})")?;
    }
    for Row { number, title, machine: _, findings, curves: _, notes } in rows {
        writeln!(text, "\n## {number}. {title}\n")?;
        writeln!(text, "| what | bar | measured | met | parts and peers |\n|---|---|---|---|---|")?;
        for finding in findings {
            let Finding { what, measured, unit, bar, parts } = finding;
            let bar = bar.map_or_else(String::new, |bar| format!("≤ {}", figure(bar, unit)));
            let met = match finding.is_met() {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "",
            };
            let parts = parts.iter().map(part).collect::<Vec<_>>().join("; ");
            writeln!(text, "| {what} | {bar} | {} | {met} | {parts} |", figure(*measured, unit))?;
        }
        for note in notes {
            writeln!(text, "\n{note}")?;
        }
    }
    Ok(text)
}

/// A finding in one line, for whoever watches.
pub(crate) fn line(finding: &Finding) -> String {
    let Finding { what, measured, unit, bar, parts } = finding;
    let mut line = format!("{what}: {}", figure(*measured, unit));
    if let Some(bar) = bar {
        let verdict = if finding.is_met() == Some(true) { "met" } else { "MISSED" };
        line.push_str(&format!(", {verdict} (≤ {})", figure(*bar, unit)));
    }
    if !parts.is_empty() {
        line.push_str(&format!(" [{}]", parts.iter().map(part).collect::<Vec<_>>().join("; ")));
    }
    line
}

fn part(Part { name, value, unit }: &Part) -> String {
    format!("{name} {}", figure(*value, unit))
}

fn figure(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        _ if unit.is_empty() => 0,
        _ if unit == "instructions" => 1,
        size if size >= 100.0 => 0,
        size if size >= 10.0 && unit != "×" => 1,
        _ => 2,
    };
    let figure = format!("{value:.digits$}");
    if unit.is_empty() { figure } else { format!("{figure} {unit}") }
}

const BEGINNING: &str = "# Performance

Written by `cargo xtask bench`, which measures everything beside its peers in the same run; `--only ROW` repeats one row.
Compare ratios within a row, not times across machines. Times are medians; a ratio is the median of the ratios of rounds that
were measured next to each other. [Decision 19](decisions/0019-ratios-of-interleaved-rounds.md) says how and why.

Measured on:

";

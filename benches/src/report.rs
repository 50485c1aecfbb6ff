//! `docs/performance.md`, of the results that there are.

mod plots;
mod words;

use std::{fmt::Write as _, fs, mem};

use crate::{
    Outcome,
    machine::Machine,
    results::{self, Curve, Finding, Part, Plot, Row},
    rounds::Effort,
    rows::{self, Bench},
};
use plots::Picture;

/// More sizes than this are drawn, and not printed.
const COLUMNS: usize = 5;

/// Writes the report and its pictures: into the repository, or, after a quick run and where rows were never measured, beside the
/// results.
pub(crate) fn write(bench: &Bench) -> Outcome<()> {
    let rows = results::read(&bench.results())?;
    let is_whole = rows::ROWS.iter().all(|known| rows.iter().any(|measured| measured.number == known.number));
    let directory = match bench.effort {
        Effort::Full if is_whole => bench.plugins.repository().join("docs"),
        Effort::Full => bench.plugins.output().join("report"),
        Effort::Smoke => bench.plugins.output().join("smoke-report"),
    };
    let pictures = directory.join("performance");
    fs::create_dir_all(&pictures)?;
    let drawn = plots::draw(&rows, &pictures)?;
    fs::write(directory.join("performance.md"), text(&rows, &drawn)?)?;
    eprintln!("report: {}", directory.join("performance.md").display());
    Ok(())
}

fn text(rows: &[Row], pictures: &[Picture]) -> Outcome<String> {
    let mut text = String::from(words::BEGINNING);
    summary(&mut text, rows)?;
    text.push_str(words::HOW);
    let mut machines: Vec<&Machine> = Vec::new();
    for Row { machine, .. } in rows {
        if machines.contains(&machine) {
            continue;
        }
        machines.push(machine);
        let cores = machine.cores;
        writeln!(text, "- {}, {cores} cores; {}; rustc {}", machine.cpu, machine.kernel, machine.rustc)?;
    }
    let minutes = rows.iter().map(|row| row.seconds).sum::<f64>() / 60.0;
    writeln!(text, "\nAll rows together took {minutes:.0} minutes, with the builds that they need.")?;
    for row in rows {
        section(&mut text, row, pictures)?;
    }
    Ok(text)
}

/// Every bar in one table.
fn summary(text: &mut String, rows: &[Row]) -> Outcome<()> {
    let bars = || rows.iter().flat_map(|row| &row.findings).filter(|finding| finding.bar.is_some());
    let (all, missed) = (bars().count(), bars().filter(|finding| finding.is_missed()).count());
    writeln!(text, "{} of {all} bars are met.\n", all - missed)?;
    writeln!(text, "| row | what | bar | measured | met |\n|---|---|---|---|---|")?;
    for Row { number, title, findings, failed, .. } in rows {
        // Named once, and then understood.
        let mut link = format!("[{number}. {title}](#{})", anchor(*number, title));
        for finding in findings {
            let Some((bar, met)) = verdict(finding) else { continue };
            let measured = figure(finding.measured, &finding.unit);
            let row = mem::take(&mut link);
            writeln!(text, "| {row} | {} | {bar} | {measured} | {met} |", finding.what)?;
        }
        if !failed.is_empty() {
            writeln!(text, "| {link} | | | | **failed** |")?;
        }
    }
    Ok(())
}

/// What a heading is called in a link: letters, digits and hyphens.
fn anchor(number: u8, title: &str) -> String {
    let heading = format!("{number}. {title}").to_lowercase().replace(' ', "-");
    heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_')).collect()
}

fn section(text: &mut String, row: &Row, pictures: &[Picture]) -> Outcome<()> {
    let Row { number, title, machine: _, findings, plots, notes, failed, seconds: _ } = row;
    writeln!(text, "\n## {number}. {title}")?;
    if let Some(known) = rows::ROWS.iter().find(|known| known.number == *number) {
        writeln!(text, "\n{}", known.about)?;
    }
    for why in failed {
        writeln!(text, "\n**This row failed:**\n\n```text\n{why}\n```")?;
    }
    if !findings.is_empty() {
        writeln!(text, "\n| what | bar | measured | met | parts and peers |\n|---|---|---|---|---|")?;
    }
    for finding in findings {
        let (bar, met) = verdict(finding).unwrap_or_default();
        let measured = figure(finding.measured, &finding.unit);
        let parts = finding.parts.iter().map(part).collect::<Vec<_>>().join("; ");
        writeln!(text, "| {} | {bar} | {measured} | {met} | {parts} |", finding.what)?;
    }
    for finding in findings.iter().filter(|finding| finding.is_missed()) {
        if let Some(why) = &finding.why {
            writeln!(text, "\n**Missed: {}.** Why: {why}", finding.what)?;
        }
    }
    for note in notes {
        writeln!(text, "\n{note}")?;
    }
    for Picture { row: _, file, title, caption } in pictures.iter().filter(|picture| picture.row == *number) {
        writeln!(text, "\n![{title}](performance/{file})\n\n*{caption}*")?;
        let plot = plots.iter().find(|plot| file.strip_suffix(".svg") == Some(&plot.file));
        if let Some(plot) = plot {
            table(text, plot)?;
        }
    }
    Ok(())
}

/// The numbers of a plot, and how they grow.
fn table(text: &mut String, Plot { curves, unit, of, .. }: &Plot) -> Outcome<()> {
    let Some(first) = curves.first().filter(|curve| curve.points.len() <= COLUMNS) else { return Ok(()) };
    let sizes = first.points.iter().map(|(size, _)| format!(" {} |", figure(*size, "")));
    writeln!(text, "\n| {of} |{} exponent |", sizes.collect::<String>())?;
    writeln!(text, "|---|{}---|", "---|".repeat(first.points.len()))?;
    for Curve { name, peer_of: _, points } in curves {
        write!(text, "| {name} |")?;
        let mut before: Option<(f64, f64)> = None;
        let mut exponent = None;
        for (size, value) in points {
            write!(text, " {}", figure(*value, unit))?;
            if let Some((fewer, less)) = before {
                write!(text, " (× {:.1})", value / less)?;
                exponent = Some((value / less).ln() / (size / fewer).ln());
            }
            write!(text, " |")?;
            before = Some((*size, *value));
        }
        writeln!(text, " {} |", exponent.map_or_else(String::new, |exponent| format!("{exponent:.2}")))?;
    }
    Ok(())
}

/// The bar and whether it is met, of what has one.
fn verdict(finding: &Finding) -> Option<(String, &'static str)> {
    let bar = format!("≤ {}", figure(finding.bar?, &finding.unit));
    Some((bar, if finding.is_missed() { "**no**" } else { "yes" }))
}

/// A finding in one line, for whoever watches.
pub(crate) fn line(finding: &Finding) -> String {
    let Finding { what, measured, unit, bar, parts, why: _ } = finding;
    let mut line = format!("{what}: {}", figure(*measured, unit));
    if let Some(bar) = bar {
        let verdict = if finding.is_missed() { "MISSED" } else { "met" };
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

/// A value with its unit, or the next larger one, in three digits or so.
fn figure(value: f64, unit: &str) -> String {
    let (value, unit) = match unit {
        "ns" if value.abs() >= 1000.0 => (value / 1e3, "µs"),
        "µs" if value.abs() >= 10_000.0 => (value / 1e3, "ms"),
        "kB" if value.abs() >= 10_000.0 => (value / 1e3, "MB"),
        _ => (value, unit),
    };
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

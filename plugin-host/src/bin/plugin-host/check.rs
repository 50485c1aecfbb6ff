//! Whether a plugin can stand in for another one, as far as a host of the other can tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use plugin_core::{
    compat::{self, Handover, display_provided, display_text, display_type},
    descriptor::{Descriptor, InterfaceEntry},
};
use plugin_host::{Inspected, Mismatch, Note, ToolchainPolicy};

use crate::{Verdict, error::CliError, text::Plain};

pub(crate) fn run(
    file: &Inspected,
    against: &Inspected,
    policy: ToolchainPolicy,
) -> Result<(String, Verdict), CliError> {
    let (plugin, other) = (descriptor(file)?, descriptor(against)?);
    let mut mismatches = build((file, &plugin), (against, &other), policy);
    // Layouts of another target or toolchain differ as a matter of course: as in a host, the cause is enough.
    let mut notes = Vec::new();
    if mismatches.is_empty() {
        let verdict = interfaces(&plugin, &other);
        notes = verdict.notes;
        mismatches.extend(verdict.mismatches);
        mismatches.extend(symbols(&plugin, &other));
        notes.extend(state(&plugin, &other));
    }
    let [plugin_name, other_name] = [&plugin, &other]
        .map(|descriptor| format!("{} {}", display_text(descriptor.name), display_text(descriptor.version)));
    let mut text = String::new();
    let verdict = if mismatches.is_empty() {
        let interfaces = count(other.provides().len(), "interface");
        let symbols = count(other.symbols().len(), "symbol");
        // Writing to a `String` does not fail.
        let _ = writeln!(
            text,
            "fits: a host built like {other_name} accepts {plugin_name} (compared: build, {interfaces}, {symbols})"
        );
        for line in explain(notes.iter().map(|note| (format!("note: {note}"), note.advice.as_str()))) {
            let _ = writeln!(text, "  {line}");
        }
        Verdict::Fits
    } else {
        let _ = writeln!(text, "refused: {plugin_name} does not fit a host built like {other_name}");
        for line in explain(mismatches.iter().map(|found| (found.to_string(), found.advice.as_str()))) {
            let _ = writeln!(text, "  {line}");
        }
        let relaxed = compat::toolchain(&other.toolchain, &plugin.toolchain, ToolchainPolicy::StableLayout);
        if policy == ToolchainPolicy::Strict
            && relaxed.is_empty()
            && !compat::toolchain(&other.toolchain, &plugin.toolchain, policy).is_empty()
        {
            let _ = writeln!(text, "  help: `--any-rustc` asks as such a host would");
        }
        Verdict::Refused
    };
    Ok((Plain(&text).to_string(), verdict))
}

fn descriptor(file: &Inspected) -> Result<Descriptor<'_>, CliError> {
    file.descriptor().map_err(|source| CliError::Descriptor { path: file.path().to_owned(), source })
}

/// The object files and the toolchains.
fn build(
    (file, plugin): (&Inspected, &Descriptor<'_>),
    (against, other): (&Inspected, &Descriptor<'_>),
    policy: ToolchainPolicy,
) -> Vec<Mismatch> {
    let mut mismatches = compat::toolchain(&other.toolchain, &plugin.toolchain, policy);
    let mut compare = |path: &str, expected: &str, found: &str, advice: &str| {
        if expected != found {
            mismatches.push(Mismatch {
                path: path.to_owned(),
                expected: expected.to_owned(),
                found: found.to_owned(),
                advice: advice.to_owned(),
            });
        }
    };
    compare(
        "processor of the object file",
        against.architecture(),
        file.architecture(),
        "build the plugin for the host's target",
    );
    mismatches.extend(file.hazards().iter().map(|hazard| Mismatch {
        path: "object file".to_owned(),
        expected: "a library that hosts load".to_owned(),
        found: format!("one that {hazard}"),
        advice: String::new(),
    }));
    mismatches
}

/// What the other provides, in any version of it that fits.
fn interfaces(plugin: &Descriptor<'_>, other: &Descriptor<'_>) -> compat::Verdict {
    let mut provided: BTreeMap<&str, Vec<&InterfaceEntry<'_>>> = BTreeMap::new();
    for entry in plugin.provides() {
        provided.entry(entry.id).or_default().push(entry);
    }
    let mut all = compat::Verdict::default();
    for wanted in other.provides() {
        let Some(candidates) = provided.get(wanted.id) else {
            all.mismatches.push(Mismatch {
                path: "provided interfaces".to_owned(),
                expected: format!("{} {}", display_text(wanted.id), display_text(wanted.version)),
                found: display_provided(plugin).to_string(),
                advice: format!("implement {} under `#[export_plugin]`", display_text(wanted.id)),
            });
            continue;
        };
        let mut verdict = compat::Verdict::default();
        for candidate in candidates {
            verdict = compat::judge((other, wanted), (plugin, candidate));
            if verdict.fits() {
                break;
            }
        }
        all.mismatches.extend(verdict.mismatches);
        all.notes.extend(verdict.notes);
    }
    let known: BTreeSet<&str> = other.provides().map(|entry| entry.id).collect();
    all.notes.extend(plugin.provides().filter(|entry| !known.contains(entry.id)).map(|entry| Note {
        path: "provided interfaces".to_owned(),
        reason: format!(
            "{} {}, which the host does not know and never asks for",
            display_text(entry.id),
            display_text(entry.version)
        ),
        advice: String::new(),
    }));
    all
}

fn symbols(plugin: &Descriptor<'_>, other: &Descriptor<'_>) -> Vec<Mismatch> {
    let exported: BTreeMap<&str, _> = plugin.symbols().iter().map(|symbol| (symbol.name, symbol)).collect();
    let mut mismatches = Vec::new();
    for wanted in other.symbols() {
        match exported.get(wanted.name) {
            Some(symbol) => mismatches.extend(compat::symbol((other, wanted), (plugin, symbol))),
            None => mismatches.push(Mismatch {
                path: display_text(wanted.name).to_string(),
                expected: format!("`{}`", display_type(other, wanted.layout)),
                found: "none".to_owned(),
                advice: format!("export `{}` from the plugin's module", display_text(wanted.name)),
            }),
        }
    }
    mismatches
}

/// What a reload would say of the state that the other one saves: no matter of a host that opens the plugin.
fn state(plugin: &Descriptor<'_>, other: &Descriptor<'_>) -> Vec<Note> {
    let note = |path: String, reason, advice| Note { path, reason, advice };
    match compat::handover(other, plugin) {
        Ok(Handover::Nothing | Handover::By { .. }) => Vec::new(),
        Ok(Handover::Lost) => vec![note(
            "state".to_owned(),
            "a reload would lose what the other one saves".to_owned(),
            "add a function with `#[restore]`".to_owned(),
        )],
        Err(mismatches) => mismatches
            .into_iter()
            .map(|Mismatch { path, expected, found, advice }| {
                let reason = format!("a reload would refuse it: expected {expected}, found {found}");
                note(path, reason, advice)
            })
            .collect(),
    }
}

/// Each of them, then what to do about them, once.
fn explain<'a>(found: impl Iterator<Item = (String, &'a str)>) -> Vec<String> {
    let (mut lines, advice): (Vec<_>, Vec<_>) = found.unzip();
    for advice in advice {
        let help = format!("help: {advice}");
        if !advice.is_empty() && !lines.contains(&help) {
            lines.push(help);
        }
    }
    lines
}

fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

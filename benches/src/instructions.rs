//! Instructions of calls, counted by callgrind: figures that no other process moves, so that CI can hold them.
//!
//! A child calls N times and then 2 N times; the difference is that of N calls and nothing else: neither the start of the
//! program nor the opening of plugins is in it. So no call has to be marked, and no header of valgrind is needed.

use std::{collections::BTreeMap, env, fs, path::Path, process::Command};

use serde::{Deserialize, Serialize};

use crate::{
    Outcome,
    plugins::Plugins,
    results::Part,
    rounds::Case,
    rows::{self, Bench},
    subjects::Subjects,
};

const TIMES: u64 = 10_000;

/// The committed figures.
const FILE: &str = "benches/instructions.toml";

/// Cases that are measured beside each other.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) cases: fn(&Subjects) -> Vec<Case<'_>>,
}

/// Instructions for each call of each case.
pub(crate) struct Counted(Vec<(&'static str, f64)>);

impl Counted {
    pub(crate) fn of(&self, case: &str) -> f64 {
        self.0.iter().find(|(name, _)| *name == case).map_or(f64::NAN, |(_, count)| *count)
    }

    pub(crate) fn parts(&self) -> Vec<Part> {
        self.0.iter().map(|(name, count)| Part::new(*name, *count, "instructions")).collect()
    }
}

/// The file of committed figures, made for one compiler: another one writes other instructions.
#[derive(Default, Serialize, Deserialize)]
struct Committed {
    rustc: String,
    /// How many instructions a figure may be off.
    tolerance: f64,
    calls: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Counts the cases of a kind, and holds them against the committed figures.
pub(crate) fn count(bench: &Bench, kind: &Kind) -> Outcome<Counted> {
    let subjects = Subjects::load(&bench.plugins)?;
    let names: Vec<_> = (kind.cases)(&subjects).iter().map(|case| case.name).collect();
    let mut counted = Vec::new();
    for name in names {
        let of = |times| total(&bench.plugins, &format!("{}/{name}", kind.name), times);
        let more = of(2 * TIMES)?.saturating_sub(of(TIMES)?);
        counted.push((name, (more as f64 / TIMES as f64 * 10.0).round() / 10.0));
    }
    let counted = Counted(counted);
    hold(bench, kind, &counted)?;
    Ok(counted)
}

/// Under valgrind: the calls.
pub(crate) fn call(plugins: &Plugins, case: &str, times: u64) -> Outcome<()> {
    let subjects = Subjects::load(plugins)?;
    for kind in rows::kinds() {
        for mut known in (kind.cases)(&subjects) {
            if case == format!("{}/{}", kind.name, known.name) {
                (known.run)(times);
                return Ok(());
            }
        }
    }
    Err(format!("there is no call {case}").into())
}

/// The instructions of a whole child.
fn total(plugins: &Plugins, case: &str, times: u64) -> Outcome<u64> {
    let scratch = plugins.scratch()?;
    let profile = scratch.path().join("callgrind.out");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", profile.display()));
    valgrind.arg(env::current_exe()?);
    valgrind.arg("--repository").arg(plugins.repository()).arg("--output").arg(plugins.output());
    valgrind.args(["call", case, &times.to_string()]);
    let output = valgrind.output().map_err(|error| format!("cannot run valgrind, which counts: {error}"))?;
    if !output.status.success() {
        return Err(format!("{valgrind:?} failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let profile = fs::read_to_string(profile)?;
    let summary = profile.lines().find_map(|line| line.strip_prefix("summary: "));
    let summary = summary.ok_or("callgrind's profile has no summary")?;
    Ok(summary.trim().parse()?)
}

/// The row fails where a figure is above the committed one, and where it is so far below that the file should say so.
fn hold(bench: &Bench, kind: &Kind, counted: &Counted) -> Outcome<()> {
    let file = bench.plugins.repository().join(FILE);
    let mut committed = read(&file)?;
    let here = plugin_core::Toolchain::CURRENT.rustc_release;
    if bench.accept {
        committed.rustc = here.to_owned();
        let calls = counted.0.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        committed.calls.insert(kind.name.to_owned(), calls);
        return Ok(fs::write(&file, format!("{HEADER}{}", toml::to_string(&committed)?))?);
    }
    if committed.rustc != here {
        eprintln!("note: {FILE} is for rustc {}, and this is {here}: counts are not held", committed.rustc);
        return Ok(());
    }
    let mut off = Vec::new();
    for (name, count) in &counted.0 {
        let known = committed.calls.get(kind.name).and_then(|calls| calls.get(*name));
        let what = format!("{} / {name}: {count} instructions", kind.name);
        match known {
            None => off.push(format!("{what}, which {FILE} does not have")),
            Some(known) if *count > known + committed.tolerance => {
                off.push(format!("{what}, more than {known}"))
            }
            Some(known) if *count < known - committed.tolerance => {
                off.push(format!("{what}, fewer than {known}: well done"));
            }
            Some(_) => {}
        }
    }
    if !off.is_empty() {
        let help = "`cargo xtask bench --smoke --only 1 --only 4 --accept`";
        off.push(format!("  help: if that is meant, {help} writes {FILE}"));
        bench.failed.borrow_mut().push(off.join("\n"));
    }
    Ok(())
}

const HEADER: &str = "# Instructions of a call, with the loop that makes it. Written by `cargo xtask bench --only 1 --only 4 --accept`, held by
# every run of these rows: more is a slower call, much fewer a file that no longer says what holds.
";

fn read(file: &Path) -> Outcome<Committed> {
    if !file.exists() {
        return Ok(Committed { tolerance: 1.0, ..Committed::default() });
    }
    Ok(toml::from_str(&fs::read_to_string(file)?)?)
}

//! Row 17: how opening, refusing, inspecting, verifying, looking up and compiling grow: with a plugin's types, methods and
//! exported functions, each for itself, and with the plugins of a process.

mod many;
mod sized;

pub(super) use many::{AMONG, among};

use super::{Bench, Found, compiling::Compiler};
use crate::{
    Outcome,
    generate::Size,
    results::{Curve, Plot},
};

/// What there is more and more of in one plugin.
const OF_ONE: [(&str, OfMany); 3] = [
    ("types", |types| Size { types, ..Size::ONE }),
    ("methods", |methods| Size { methods, ..Size::ONE }),
    ("functions", |functions| Size { functions, ..Size::ONE }),
];

/// A plugin of so many of something, and of one of each other thing.
type OfMany = fn(usize) -> Size;

const PLUGINS: &str = "plugins";

/// Nanoseconds, for one size.
#[derive(Clone, Copy)]
struct Times {
    open: f64,
    /// Of the same files.
    bare_open: f64,
    refuse: f64,
    inspect: f64,
    verify: f64,
    hit: f64,
    miss: f64,
    dlsym: f64,
}

pub(super) fn growth(bench: &Bench) -> Outcome<Found> {
    let sizes: &[usize] = bench.effort.of(&[1, 10, 100, 1000], &[1]);
    let mut by_number = Vec::new();
    for (what, of) in OF_ONE {
        let times = sizes.iter().map(|size| Ok((*size as f64, sized::measure(bench, of(*size))?)));
        by_number.push((what, times.collect::<Outcome<Vec<_>>>()?));
    }
    let times = sizes.iter().map(|count| Ok((*count as f64, many::measure(bench, *count)?)));
    by_number.push((PLUGINS, times.collect::<Outcome<Vec<_>>>()?));

    let mut compiling = Vec::new();
    let compiler = Compiler::new(bench)?;
    for (what, of) in OF_ONE {
        let times = sizes.iter().map(|size| Ok((*size as f64, compiler.added_seconds(of(*size))?)));
        compiling.push(Curve {
            name: what.to_owned(),
            peer_of: None,
            points: times.collect::<Outcome<Vec<_>>>()?,
        });
    }
    let mut plots = plots(&by_number);
    plots.push(Plot {
        file: "growth-compile".to_owned(),
        title: "Constant evaluation: compile time that the macros add".to_owned(),
        caption: "Compile time of a plugin, unoptimised, less that of the same types and trait without macros: expansion, the evaluation of layouts and descriptor, and the code of tables and thunks. The compiler itself does not tell them apart.".to_owned(),
        of: "number of types, methods or functions".to_owned(),
        what: "compile time that is added".to_owned(),
        unit: "s".to_owned(),
        curves: compiling,
    });
    let note = "Each plugin has one type, one method and one exported function but for what there is more of. Plugins are opened without naming an interface, and refused because another compiler built them. In each of the tables, a factor in brackets is the growth from the size before, and the exponent is that of the last step: 0 is constant, 1 is linear.";
    Ok(Found { plots, notes: vec![note], ..Found::default() })
}

/// What there is more and more of.
const OF: &str = "number of types, methods, functions or plugins";

type Series = [(&'static str, Vec<(f64, Times)>)];

fn plots(by_number: &Series) -> Vec<Plot> {
    let curve = |name: String, peer_of, times: &[(f64, Times)], time: fn(&Times) -> f64, scale: f64| {
        let points = times.iter().map(|(size, times)| (*size, time(times) / scale));
        Curve { name, peer_of, points: points.collect() }
    };
    let subjects = |time: fn(&Times) -> f64, scale| -> Vec<Curve> {
        by_number.iter().map(|(what, times)| curve((*what).to_owned(), None, times, time, scale)).collect()
    };
    // Some peers: of which subjects, by what they grow with.
    let peers = |name: &str, of: &[&str], time: fn(&Times) -> f64, scale| -> Vec<Curve> {
        let those = by_number.iter().enumerate().filter(|(_, (what, _))| of.contains(what));
        those
            .map(|(place, (what, times))| curve(format!("{name}: {what}"), Some(place), times, time, scale))
            .collect()
    };
    let plot = |operation: &str, title: &str, caption: &str, unit: &str, curves| Plot {
        file: format!("growth-{operation}"),
        title: title.to_owned(),
        caption: caption.to_owned(),
        of: OF.to_owned(),
        what: format!("time of one {operation}"),
        unit: unit.to_owned(),
        curves,
    };
    let (micro, nano) = (1e3, 1.0);
    let every = ["types", "methods", "functions", PLUGINS];
    let mut open = subjects(|times| times.open, micro);
    open.extend(peers("bare", &every, |times| times.bare_open, micro));
    let mut lookup = subjects(|times| times.hit, nano);
    lookup.extend(peers("miss", &["functions"], |times| times.miss, nano));
    lookup.extend(peers("dlsym", &["functions", PLUGINS], |times| times.dlsym, nano));
    vec![
        plot(
            "open",
            "Opening a plugin",
            "Time of one more open, until a function can be called, over the size of the plugin and over the plugins that are open already. Dashed: a bare `dlopen` and `dlsym` of the same files.",
            "µs",
            open,
        ),
        plot(
            "refusal",
            "Refusing a plugin",
            "Time in which a plugin that another compiler built is refused, over its size and over the plugins that are open already.",
            "µs",
            subjects(|times| times.refuse, micro),
        ),
        plot(
            "inspection",
            "Inspecting a plugin",
            "Time in which a file is read and its description decoded, over its size and, for each file, over the files in a directory.",
            "µs",
            subjects(|times| times.inspect, micro),
        ),
        plot(
            "verification",
            "Verifying a plugin",
            "Time in which a file in a trusted directory is verified, over its size and over the plugins that are open already.",
            "µs",
            subjects(|times| times.verify, micro),
        ),
        plot(
            "lookup",
            "Looking up a function",
            "Time in which an exported function is found by its name and its type is compared, over the size of the plugin and over the plugins that are open. Dashed: names that are not there, and a bare `dlsym` in a library of as many functions.",
            "ns",
            lookup,
        ),
    ]
}

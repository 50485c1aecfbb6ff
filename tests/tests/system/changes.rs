//! One change each, in both directions: what fits is called, and what does not is refused. Either says why.
//!
//! The table is `fixtures/changes/src/table.rs`. The snapshot shows it with what a host says of each change: as the host
//! whose interface is the newer, of the old plugin, and the other way round. `INSTA_UPDATE=always` writes it anew.

use std::fmt::{Debug, Write};

use integration::Stage;
use plugin_core::{Instance, Interface};
use plugin_host::{Host, Note};

use crate::{fixture, refusal};

/// A plugin from one side of a change under a host from the other.
struct Meeting {
    /// Whether the plugin fits, as the table has it.
    fits: bool,
    /// Opens the plugin, and makes the call if it fits.
    open: fn(&Host, plugin: &str) -> Said,
}

/// What a host says of a plugin.
enum Said {
    Fits { because: Vec<Note> },
    Refused(Vec<String>),
}

struct Change {
    title: &'static str,
    old_plugin: Meeting,
    new_plugin: Meeting,
}

macro_rules! read {
    ($(
        $title:literal $name:ident
        before { $($before:tt)* } $(plugin { $($old_impl:tt)* })?
        after { $($after:tt)* } $(plugin { $($new_impl:tt)* })?
        old_plugin $old:ident $(|$old_it:ident| $old_call:expr => $old_value:expr)?;
        new_plugin $new:ident $(|$new_it:ident| $new_call:expr => $new_value:expr)?;
    )*) => {
        const CHANGES: &[Change] = &[$(Change {
            title: $title,
            old_plugin: meeting!(after $name $old $(|$old_it| $old_call => $old_value)?),
            new_plugin: meeting!(before $name $new $(|$new_it| $new_call => $new_value)?),
        }),*];
    };
}

macro_rules! meeting {
    ($host:ident $name:ident refused) => {
        Meeting {
            fits: false,
            open: |host, plugin| open::<dyn changes::$host::$name::$name>(host, plugin, |_| {}),
        }
    };
    ($host:ident $name:ident fits |$it:ident| $call:expr => $value:expr) => {
        Meeting {
            fits: true,
            open: |host, plugin| {
                #[allow(unused_imports)]
                use changes::$host::$name::*;
                open::<dyn changes::$host::$name::$name>(host, plugin, |$it| {
                    same(&$call, &$value, stringify!($name))
                })
            },
        }
    };
}

changes::changes!(read);

/// Judges a plugin's interface before it is mapped; if it fits, loads the plugin, makes an object, and calls it.
fn open<I: ?Sized + Interface>(host: &Host, plugin: &str, call: impl FnOnce(&mut Instance<I>)) -> Said {
    match host.clone().expecting::<I>().verify(plugin) {
        Ok(verified) => {
            call(&mut host.open(plugin).unwrap().instantiate::<I>().unwrap());
            Said::Fits { because: verified.notes() }
        }
        Err(error) => Said::Refused(refusal(error)),
    }
}

fn same<T: Debug + PartialEq>(found: &T, expected: &T, change: &str) {
    assert_eq!(found, expected, "{change}");
}

/// What the table says of a change, line by line, without what all of them have.
fn written(title: &str) -> impl Iterator<Item = String> {
    const TABLE: &str = include_str!("../../fixtures/changes/src/table.rs");
    let (_, row) = TABLE.split_once(&format!("\n\"{title}\" ")).unwrap();
    let (row, _) = row.split_once("\n\n").unwrap();
    row.lines().skip(1).map(|line| {
        ["#[derive(StableLayout)] ", "#[repr(C)] ", "#[plugin_interface] ", "pub "]
            .iter()
            .fold(line.to_owned(), |line, usual| line.replace(usual, ""))
    })
}

#[test]
fn every_change_gets_its_two_verdicts() {
    let stage = Stage::with(&fixture("changes-before"));
    stage.add(&fixture("changes-after"));
    let host = stage.host();
    let (mut text, mut wrong) = (String::new(), Vec::new());
    for Change { title, old_plugin, new_plugin } in CHANGES {
        writeln!(text, "\n{title}").unwrap();
        for line in written(title) {
            writeln!(text, "  {line}").unwrap();
            let (meeting, file) = match line.split(' ').next() {
                Some("old_plugin") => (old_plugin, "changes-before"),
                Some("new_plugin") => (new_plugin, "changes-after"),
                _ => continue,
            };
            let (fits, lines) = match (meeting.open)(&host, file) {
                Said::Fits { because } => (true, because.iter().map(Note::to_string).collect()),
                Said::Refused(mismatches) => (false, mismatches),
            };
            lines.iter().for_each(|line| writeln!(text, "    {line}").unwrap());
            if fits != meeting.fits {
                wrong.push(format!("{title}: {line} {lines:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "not as the table has it:\n{}", wrong.join("\n"));
    assert!(CHANGES.len() >= 60, "{} changes", CHANGES.len());
    insta::assert_snapshot!(text);
}

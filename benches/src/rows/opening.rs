//! Row 5: one more plugin in a process that has opened others.
//!
//! Subject and peer open the very same files: where the segments of a file lie moves a bare `dlopen` by some 10 µs, so other
//! files would be another comparison. No process opens a file by both ways: the second would get the first one's library. So
//! children come in pairs. In one of a pair, files of even place are opened through the host and those of odd place bare; in
//! the other it is the other way round. What a ratio compares is then the same file, in the same place of the same sequence,
//! with as many libraries loaded.

use std::{
    ffi::CString,
    mem::ManuallyDrop,
    path::{Path, PathBuf},
};

use abi_stable::library::lib_header_from_path;
use libloading::Library;
use many_api::Many;
use plugin_host::{Host, Inspected};
use serde::{Deserialize, Serialize};

use super::{Bench, Found};
use crate::{
    Outcome, child, clock, copies,
    results::{Finding, Part, median},
};

/// The part that opens files by turns.
pub(super) const OPENS: &str = "opens";
/// The part that opens files as `abi_stable`'s root modules.
pub(super) const PEER_OPENS: &str = "peer-opens";

/// Which plugin.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Size {
    /// One function.
    One,
    /// An interface of 50 methods and 30 nested structs.
    Many,
    /// A generated plugin, of whatever size.
    Generated,
}

impl Size {
    pub(super) fn package(self) -> &'static str {
        match self {
            Self::One => "one-of-a-thousand",
            Self::Many => "many-of-a-thousand",
            Self::Generated => "generated",
        }
    }

    /// A call that is ready to be made, through the host.
    pub(super) fn open(self, host: &Host, file: &PathBuf) -> Outcome<()> {
        match self {
            Self::One => drop(host.open(file)?.lookup_fn::<fn(u64) -> u64>("double")?),
            Self::Many => drop(host.open_root::<dyn Many>(file)?),
            Self::Generated => drop(host.open(file)?.lookup_fn::<fn(u64) -> u64>("f0")?),
        }
        Ok(())
    }
}

/// Which files a child opens through the host.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Through {
    Even,
    Odd,
    All,
    None,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Opens {
    pub(super) size: Size,
    pub(super) through_host: Through,
    pub(super) files: Vec<PathBuf>,
    /// What the bare side looks up.
    pub(super) symbol: String,
}

/// For each file the nanoseconds of its open, and whether it was through the host; and what they left in memory.
#[derive(Serialize, Deserialize)]
pub(super) struct Opened {
    pub(super) opens: Vec<(bool, f64)>,
    /// Anonymous memory of all opens together.
    pub(super) anonymous: u64,
}

/// In a child.
pub(super) fn opens(Opens { size, through_host, files, symbol }: Opens) -> Outcome<Opened> {
    let directory = files.first().and_then(|file| file.parent()).ok_or("there are no files")?;
    // SAFETY: the directory holds copies of what was built from this repository.
    let host = unsafe { Host::trusting_dir(directory) }?;
    let symbol = CString::new(symbol)?;
    let mut opens = Vec::with_capacity(files.len());
    let before = anonymous_memory()?;
    for (place, file) in files.iter().enumerate() {
        let through_host = match through_host {
            Through::Even => place % 2 == 0,
            Through::Odd => place % 2 == 1,
            Through::All => true,
            Through::None => false,
        };
        let (time, opened) =
            clock::wall(|| if through_host { size.open(&host, file) } else { bare(file, &symbol) });
        opened?;
        opens.push((through_host, time));
    }
    Ok(Opened { opens, anonymous: anonymous_memory()?.saturating_sub(before) })
}

/// `dlopen` and one `dlsym`; never closed, as the host never closes.
pub(super) fn bare(file: &PathBuf, symbol: &CString) -> Outcome<()> {
    // SAFETY: built from this repository, without constructors of its own.
    let library = ManuallyDrop::new(unsafe { Library::new(file) }?);
    // SAFETY: this asks for the address only.
    let symbol = unsafe { library.get::<*const ()>(symbol.as_bytes_with_nul()) }?;
    std::hint::black_box(*symbol);
    Ok(())
}

/// In a child: the peer's opens, each with the check of the whole layout.
pub(super) fn peer_opens((size, files): (Size, Vec<PathBuf>)) -> Outcome<Vec<f64>> {
    let mut times = Vec::new();
    for file in files {
        let (time, opened) = clock::wall(|| -> Result<(), abi_stable::library::LibraryError> {
            let header = lib_header_from_path(&file)?;
            match size {
                Size::One => drop(header.init_root_module::<peer_api::one::OneRef>()?),
                Size::Many | Size::Generated => drop(header.init_root_module::<peer_api::many::ManyRef>()?),
            }
            Ok(())
        });
        opened.map_err(|error| error.to_string())?;
        times.push(time);
    }
    Ok(times)
}

pub(super) fn root_symbol(file: &Path) -> Outcome<String> {
    Ok(Inspected::read(file)?.descriptor()?.root_symbol.to_owned())
}

/// Memory that no file backs.
fn anonymous_memory() -> Outcome<u64> {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup")?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no anonymous memory")?;
    Ok(kilobytes.trim().parse::<u64>()? * 1024)
}

/// What an open does that a bare `dlopen` does not: why it takes longer. Counted with `strace` and callgrind, and the system's
/// part measured call by call, on the machine of the report.
const WHY: &str = "what is verified has to be asked for, and a bare `dlopen` asks for nothing. \
The promises of an open (the loaded file is the verified one, no link is followed, only trusted owners can write to it) are these \
calls of the system, each made once, where a bare open has one to `openat` and some 35 µs in all:\n\n\
| part | µs |\n|---|---|\n\
| the path's status: is it open already, is it a regular file | 1.0 |\n\
| `openat2` beneath the trusted directory, and `close` | 1.7 |\n\
| status of the open file, twice: when it is opened, and right before it is loaded | 0.6 |\n\
| owner and mode of the trusted directory; whether the mount lets code run | 0.7 |\n\
| two reads: headers and notes, the dynamic segment | 0.8 |\n\
| what `/proc` calls this process | 1.0 |\n\
| the loader's way to the open file through `/proc`, instead of by its path | 1.5 |\n\n\
That is 7.3 of the 9 µs that the bar leaves. The rest is computed, by callgrind 48,000 instructions beside the 62,000 of `dlopen`: \
10,000 in the headers and the dynamic segment, 13,000 in the descriptor, the file's owner and the libraries that it needs, 16,000 around the \
loader's own and in the plugin's start, and 9,000 for who opens what, its handle and its events. Tried: memory that is read into is not zeroed before (4,000 \
instructions, and 25,000 where a descriptor is long). Not taken: to load by the path, \
which has to be compared before and after, costs as much, and could have run another file's constructors by then; and to remember \
what `/proc` calls the process, which is wrong after it has entered another container.";

const WHY_MANY: &str = "as above; the difference is the descriptor of 15 kB, which is read, summed, kept and compared with what was mapped: 30,000 instructions more, of which half are the two copies of its bytes.";

pub(super) fn further(bench: &Bench) -> Outcome<Found> {
    let mut found = Found::default();
    for (what, size, peer) in
        [("1 function", Size::One, "peer-one"), ("50 methods, 30 nested structs", Size::Many, "peer-many")]
    {
        let library = bench.plugins.library(size.package());
        let scratch = bench.plugins.scratch()?;
        let count = bench.effort.of(60, 4);
        let files = copies::renamed(&library, size.package(), scratch.path(), count)?;
        let symbol = root_symbol(&library)?;
        let (mut ours, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for pair in 0..bench.effort.of(11, 1) {
            let part = |through_host| -> Outcome<Opened> {
                let arguments = Opens { size, through_host, files: files.clone(), symbol: symbol.clone() };
                child::run(&bench.plugins, OPENS, &arguments)
            };
            let (even, odd) = child::by_turns(pair, || part(Through::Even), || part(Through::Odd))?;
            // The first opens of a process are another row.
            for ((is_ours, one), (_, other)) in even.opens.into_iter().zip(odd.opens).skip(count / 8) {
                let (through_host, alone) = if is_ours { (one, other) } else { (other, one) };
                ours.push(through_host);
                bare.push(alone);
                ratios.push(through_host / alone);
            }
        }
        let peer_files = (0..count)
            .map(|number| {
                let file = scratch.path().join(format!("peer{number}.so"));
                std::fs::copy(bench.plugins.library(peer), &file).map(|_| file)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let mut peers: Vec<f64> = child::run(&bench.plugins, PEER_OPENS, &(size, peer_files))?;
        peers.drain(..count / 8);
        let parts = vec![
            Part::new("this", median(ours) / 1e3, "µs"),
            Part::new("bare dlopen and dlsym of the same file", median(bare) / 1e3, "µs"),
            Part::new("abi_stable, its own file", median(peers) / 1e3, "µs"),
        ];
        found.findings.push(Finding::ratio(what, median(ratios), 1.25, parts).why(match size {
            Size::One | Size::Generated => WHY,
            Size::Many => WHY_MANY,
        }));
    }
    Ok(found)
}

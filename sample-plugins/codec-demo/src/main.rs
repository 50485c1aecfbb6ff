//! `codec-demo DIR FILE`: measures every codec among the plugins in a directory, feeds it corrupt input, shows which
//! plugins are refused and why, and uses those that are no codecs.
//!
//! Built with the feature `linked`, it has the sample plugins in itself: `codec-demo FILE` does the same with those.
//!
//! Fails if a codec does not give back what it was given, if there is none, or if `codec-drifted` is accepted.

mod corrupt;
mod error;
mod greeter;
mod logger;
mod measure;

use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use codec_api::Codec;
use plugin_host::{Host, Linked, OpenError, Plugin, Root, RootError, report};

use crate::error::DemoError;

/// The plugin that has to be refused.
const DRIFTED: &str = "codec-drifted";

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let (directory, file) = match (arguments.next(), arguments.next(), arguments.next()) {
        (Some(directory), Some(file), None) => (Some(directory), file),
        (Some(file), None, None) if cfg!(feature = "linked") => (None, file),
        _ => {
            eprintln!("usage: codec-demo {} FILE", if cfg!(feature = "linked") { "[DIR]" } else { "DIR" });
            return ExitCode::from(2);
        }
    };
    logger::install();
    // Not locked: a plugin of this process may write to it as well.
    match run(directory, file, &mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has gone away (`| head`) has seen enough.
        Err(DemoError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", report(&error));
            ExitCode::FAILURE
        }
    }
}

/// The plugins that are in this program.
#[cfg(feature = "linked")]
fn linked() -> Linked {
    plugin_host::link!(codec_brotli, codec_deflate, codec_drifted, codec_lz4, codec_zstd, greeter)
}

#[cfg(not(feature = "linked"))]
fn linked() -> Linked {
    plugin_host::link!()
}

fn run(directory: Option<OsString>, file: OsString, out: &mut impl Write) -> Result<(), DemoError> {
    let file = PathBuf::from(file);
    let input = fs::read(&file).map_err(|source| DemoError::Read { path: file.clone(), source })?;
    let host = Host::linked(linked()).expecting::<dyn Codec>();
    let host = match directory {
        // SAFETY: whoever names the directory on the command line vouches for the plugins that are in it.
        Some(directory) => unsafe { host.and_dir(directory) }?,
        None => host,
    };

    let found = sort(&host)?;
    if found.codecs.is_empty() {
        return Err(DemoError::NoCodec);
    }
    measure_all(&found.codecs, &file, &input, out)?;
    writeln!(out, "\nRefused; nothing of these files was run:")?;
    match found.refused.as_slice() {
        [] => writeln!(out, "  none")?,
        refused => refused.iter().try_for_each(|error| writeln!(out, "\n{}", report(error)))?,
    }
    for plugin in found.others.iter().filter(|plugin| greeter::is_like(plugin)) {
        writeln!(out, "\n{plugin} is no codec. V = {}, then f():", greeter::NUMBER)?;
        if let Err(error) = greeter::greet(plugin) {
            writeln!(out, "  {}", report(&error))?;
        }
    }
    Ok(())
}

struct Found {
    codecs: Vec<Root<dyn Codec>>,
    others: Vec<Plugin>,
    refused: Vec<OpenError>,
}

/// Opens every plugin of the host.
fn sort(host: &Host) -> Result<Found, DemoError> {
    let mut found = Found { codecs: Vec::new(), others: Vec::new(), refused: Vec::new() };
    for path in host.discover()? {
        let plugin = match host.open(&path) {
            Ok(plugin) if plugin.name() == DRIFTED => {
                return Err(DemoError::NotRefused { plugin: plugin.to_string() });
            }
            Ok(plugin) => plugin,
            // One plugin that does not fit is no reason to do without the others.
            Err(error) => {
                found.refused.push(error);
                continue;
            }
        };
        match plugin.root::<dyn Codec>() {
            Ok(codec) => found.codecs.push(codec),
            // The host expects the interface, so one in another form was refused above: this plugin has none.
            Err(RootError::Refused(_)) => found.others.push(plugin),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

fn measure_all(
    codecs: &[Root<dyn Codec>],
    file: &Path,
    input: &[u8],
    out: &mut impl Write,
) -> Result<(), DemoError> {
    let size = input.len() as f64 / 1e6;
    writeln!(out, "\n{} ({} bytes) through every codec:\n", file.display(), input.len())?;
    writeln!(
        out,
        "{:<10} {:<22} {:>7} {:>15} {:>17}",
        "codec", "plugin", "ratio", "compress MB/s", "decompress MB/s"
    )?;
    let mut reports = Vec::new();
    for codec in codecs {
        let plugin = codec.plugin().to_string();
        let name = codec.name().to_owned();
        let mut measured = measure::round_trip(&**codec, input)
            .map_err(|source| DemoError::RoundTrip { plugin: plugin.clone(), source })?;
        writeln!(
            out,
            "{name:<10} {plugin:<22} {:>7.2} {:>15.1} {:>17.1}",
            input.len() as f64 / measured.packed.len() as f64,
            size / measured.compress.as_secs_f64(),
            size / measured.decompress.as_secs_f64(),
        )?;
        reports.push((name, corrupt::feed(&**codec, &mut measured.packed, input)));
    }
    writeln!(out, "\nWhat they say to corrupt input:")?;
    for (name, report) in reports {
        writeln!(out, "\n{name}")?;
        report.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

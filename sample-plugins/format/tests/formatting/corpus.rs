//! Whatever the plugins do with real files, the libraries behind them do, to the byte.
//!
//! The files are those of the crates that the workspace depends on, as cargo unpacked them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicUsize,
};

use cargo_metadata::MetadataCommand;
use plugin_core::Toolchain;
use rayon::prelude::*;

use crate::{direct, stage};

/// How many files of each language there are at least: the dependencies of the workspace have some more.
const EXPECTED: [(&str, usize); 3] = [("json", 80), ("md", 150), ("toml", 100)];
/// Larger files take long in a build without optimisations.
const MAX_SIZE: u64 = 512 << 10;

struct File {
    path: PathBuf,
    language: &'static str,
    text: String,
}

/// Every file of the languages in the crates that the workspace depends on. Fails if there are fewer than expected.
fn corpus() -> Vec<File> {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        // Of other platforms, nothing was downloaded.
        .other_options(["--filter-platform".to_owned(), Toolchain::CURRENT.target.to_owned()])
        .exec()
        .unwrap();
    let mut files = Vec::new();
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        add_all(package.manifest_path.parent().unwrap().as_std_path(), &mut files);
    }
    for (language, expected) in EXPECTED {
        let found = files.iter().filter(|file| file.language == language).count();
        assert!(found >= expected, "{found} files of {language}, expected at least {expected}");
    }
    files
}

fn add_all(directory: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let metadata = path.symlink_metadata().unwrap();
        if metadata.is_dir() {
            add_all(&path, files);
        }
        let of_path = |(language, _): &(&'static str, _)| path.extension().is_some_and(|it| it == *language);
        let Some((language, _)) = EXPECTED.into_iter().find(of_path) else {
            continue;
        };
        if metadata.is_file()
            && metadata.len() <= MAX_SIZE
            && let Ok(text) = fs::read_to_string(&path)
        {
            files.push(File { path, language, text });
        }
    }
}

type Formatted = Result<Option<String>, String>;

/// What the plugin makes of a text, after a comparison with what the library makes of it.
fn compared(file: &File, text: &str, line_width: Option<u32>) -> Formatted {
    compared_counting(file, text, line_width, &AtomicUsize::new(0))
}

/// The same, which counts pieces of code in other files that were not formatted.
fn compared_counting(
    file: &File,
    text: &str,
    line_width: Option<u32>,
    code_changed: &AtomicUsize,
) -> Formatted {
    let formatters = stage::formatters();
    let formatter = formatters.of_file(&file.path).unwrap();
    let by_plugin =
        formatters.format(formatter, &file.path, text, line_width).map_err(|error| error.to_string());
    let by_library = direct::format_counting(&file.path, text, line_width, code_changed);
    assert_eq!(by_plugin, by_library, "{}", file.path.display());
    by_plugin
}

/// How many results there are of each kind, by language.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Tally {
    unchanged: usize,
    changed: usize,
    errors: usize,
}

fn tally<'a>(results: impl IntoIterator<Item = (&'a File, &'a Formatted)>) -> BTreeMap<&'static str, Tally> {
    let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
    for (file, result) in results {
        let tally = tallies.entry(file.language).or_default();
        match result {
            Ok(None) => tally.unchanged += 1,
            Ok(Some(_)) => tally.changed += 1,
            Err(_) => tally.errors += 1,
        }
    }
    tallies
}

#[test]
fn plugins_do_what_their_libraries_do() {
    let files = corpus();
    let code_changed = AtomicUsize::new(0);
    for line_width in [None, Some(60)] {
        let results: Vec<_> = files
            .par_iter()
            .map(|file| compared_counting(file, &file.text, line_width, &code_changed))
            .collect();
        // Else the comparison would say little.
        for (language, tally) in tally(files.iter().zip(&results)) {
            assert!(tally.changed >= 40, "{language}: {tally:?}");
        }
    }
    let code_changed = code_changed.into_inner();
    assert!(code_changed >= 40, "{code_changed} pieces of code");
}

#[test]
fn plugins_refuse_what_their_libraries_refuse_in_their_words() {
    let files = corpus();
    let results: Vec<_> = files
        .par_iter()
        .map(|file| {
            let middle = (file.text.len() / 2..).find(|at| file.text.is_char_boundary(*at)).unwrap();
            compared(file, &file.text[..middle], None)
        })
        .collect();
    let tallies = tally(files.iter().zip(&results));
    // Half a file of Markdown is a file of Markdown.
    for language in ["json", "toml"] {
        assert!(tallies[language].errors >= 40, "{language}: {tallies:?}");
    }
}

#[test]
fn what_is_formatted_stays_as_it_is() {
    let files = corpus();
    files.par_iter().for_each(|file| {
        if let Ok(Some(formatted)) = compared(file, &file.text, None) {
            assert_eq!(compared(file, &formatted, None), Ok(None), "{}", file.path.display());
        }
    });
}

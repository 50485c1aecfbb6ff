//! The index of plugin files: believed as long as the files are what they were, and never otherwise.

use std::{
    collections::BTreeMap,
    fs::{self, File, FileTimes},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use integration::{Child, Stage};
use plugin_host::{Host, Index};

use crate::fixture;

/// Until what was just written is old enough to be told from what will be.
fn settle() {
    thread::sleep(Duration::from_millis(3100));
}

/// For each file the name of the plugin in it, and whether the index knew that.
fn look(host: &Host, index: &mut Index) -> BTreeMap<String, (String, bool)> {
    let candidates = host.inspect_all_with(index).unwrap();
    let said = candidates.iter().map(|candidate| {
        let name = match candidate.description() {
            Ok(description) => description.descriptor().unwrap().name.to_owned(),
            Err(error) => error.to_string(),
        };
        let file = candidate.path().file_name().unwrap().to_str().unwrap();
        (file.to_owned(), (name, candidate.is_from_index()))
    });
    said.collect()
}

/// A stage with plugins in files of these names, an index of them, and where that is.
fn indexed(names: &[&str]) -> (Stage, PathBuf) {
    let stage = Stage::new();
    for name in names {
        stage.add_as(&fixture("lifecycle"), &format!("lib{name}.so"));
    }
    settle();
    let path = stage.path().join("plugins.index");
    let mut index = Index::open(&path);
    assert!(index.is_empty());
    assert!(look(&stage.host(), &mut index).values().all(|(name, known)| name == "lifecycle" && !known));
    assert_eq!(index.len(), names.len());
    index.save().unwrap();
    (stage, path)
}

#[test]
fn a_file_that_changed_in_any_way_is_read_again() {
    let names =
        ["copied", "deleted", "grown", "renamed", "replaced", "same", "touched", "truncated", "written"];
    let (stage, path) = indexed(&names);
    let at = |name: &str| stage.path().join(format!("lib{name}.so"));
    let host = stage.host();
    let all = look(&host, &mut Index::open(&path));
    assert!(
        all.len() == names.len() && all.values().all(|(name, known)| name == "lifecycle" && *known),
        "{all:?}"
    );

    let other = fixture("starting");
    fs::remove_file(at("deleted")).unwrap();
    fs::rename(at("renamed"), at("moved")).unwrap();
    fs::rename(stage.add_as(&other, "new"), at("replaced")).unwrap();
    File::open(at("touched")).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
    File::options().write(true).open(at("truncated")).unwrap().set_len(5000).unwrap();
    fs::write(at("grown"), [fs::read(at("grown")).unwrap(), vec![0; 4096]].concat()).unwrap();
    fs::copy(&other, at("written")).unwrap();
    // The same size and the same time of change, but another inode.
    let times = FileTimes::new().set_modified(fs::metadata(at("copied")).unwrap().modified().unwrap());
    let twin = stage.add_as(&at("copied"), "twin");
    patch_name(&twin);
    File::options().write(true).open(&twin).unwrap().set_times(times).unwrap();
    assert_eq!(
        fs::metadata(&twin).unwrap().modified().unwrap(),
        fs::metadata(at("copied")).unwrap().modified().unwrap()
    );
    fs::rename(&twin, at("copied")).unwrap();

    let mut index = Index::open(&path);
    let now = look(&host, &mut index);
    let expected = [
        ("copied", "livecycle", false),
        ("grown", "lifecycle", false),
        ("moved", "lifecycle", false),
        ("replaced", "starting", false),
        ("same", "lifecycle", true),
        ("touched", "lifecycle", false),
        ("written", "starting", false),
    ];
    for (file, name, known) in expected {
        assert_eq!(now[&format!("lib{file}.so")], (name.to_owned(), known), "{file}");
    }
    assert!(now["libtruncated.so"].0.contains("is not a shared library that can be a plugin"), "{now:?}");
    assert_eq!(now.len(), expected.len() + 1);
    // What was changed a moment ago could be changed again within the same tick of the clock: it is not kept yet.
    assert_eq!(index.len(), 1);
    index.save().unwrap();
    assert_eq!(Index::open(&path).len(), 1);
    settle();
    look(&host, &mut index);
    assert_eq!(index.len(), expected.len());
}

/// Gives a copy of `lifecycle` another name, of the same length.
fn patch_name(library: &Path) {
    let bytes = integration::patch_descriptor(&fs::read(library).unwrap(), b"lifecycle", b"livecycle");
    fs::write(library, bytes).unwrap();
}

#[test]
fn a_broken_or_foreign_index_is_an_empty_one() {
    let (stage, path) = indexed(&["one", "two"]);
    let host = stage.host();
    let good = fs::read(&path).unwrap();
    assert_eq!(Index::open(&path).len(), 2);
    // Equal descriptors are there once.
    assert!(good.len() < 2 * 1024 + fs::read(fixture("lifecycle")).unwrap().len() / 4, "{}", good.len());

    let mut broken = 0;
    for at in 0..good.len() {
        for mask in [0x01, 0xff] {
            let mut bytes = good.clone();
            bytes[at] ^= mask;
            fs::write(&path, bytes).unwrap();
            let mut index = Index::open(&path);
            broken += usize::from(index.is_empty());
            // Whatever it holds: no descriptor is shown but that of the file.
            if at % 16 == 0 {
                assert!(look(&host, &mut index).values().all(|(name, _)| name == "lifecycle"), "{at}");
            }
        }
    }
    // The header and the table are covered by a checksum, each descriptor by its own.
    let table = usize::try_from(u64::from_le_bytes(good[16..24].try_into().unwrap())).unwrap();
    assert_eq!(broken, 2 * (40 + table));
    for len in (0..good.len()).step_by(7) {
        fs::write(&path, &good[..len]).unwrap();
        assert!(look(&host, &mut Index::open(&path)).values().all(|(name, _)| name == "lifecycle"), "{len}");
    }
    // Another version, whose checksum would be right.
    let mut bytes = good.clone();
    bytes[8] = 2;
    for foreign in [&bytes[..], b"", b"not an index", &[0xff; 5000]] {
        fs::write(&path, foreign).unwrap();
        assert!(Index::open(&path).is_empty());
    }
    // It is written anew, though nothing in it is new.
    let mut index = Index::open(&path);
    look(&host, &mut index);
    index.save().unwrap();
    assert_eq!(fs::read(&path).unwrap(), good);
    assert_eq!(fs::read_dir(stage.path()).unwrap().count(), 3, "nothing is left beside the index");

    // A directory where the index should be: no index, and an error to keep one, but no other.
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("file"), "").unwrap();
    let mut index = Index::open(&path);
    assert_eq!(look(&host, &mut index).len(), 2);
    assert!(index.save().is_err());
}

/// An index that says of a file what another one says: a lie that only loading would reveal.
/// In a process of its own, in case it hangs.
#[cfg(unix)]
#[test]
fn a_pipe_is_no_index() {
    Child::of("indexing::a_pipe_is_no_index").passes(|| {
        let stage = Stage::new();
        let path = stage.path().join("plugins.index");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert!(Index::open(&path).is_empty());
    });
}

#[test]
fn nothing_is_loaded_by_what_an_index_says() {
    let (stage, path) = indexed(&["one"]);
    let lying = Stage::new();
    lying.add_as(&fixture("starting"), "libone.so");
    let host = stage.host();
    let mut index = Index::open(&path);
    assert!(look(&host, &mut index)["libone.so"].1);
    // The file changes between the look and the open.
    fs::rename(lying.add_as(&fixture("starting"), "new"), stage.path().join("libone.so")).unwrap();
    assert_eq!(host.open("one").unwrap().name(), "starting");
}

#[test]
fn ten_thousand_files_are_looked_at() {
    const FILES: usize = 10_000;
    let stage = Stage::new();
    let first = stage.add_as(&fixture("lifecycle"), "lib00000.so");
    for number in 1..FILES {
        fs::hard_link(&first, stage.path().join(format!("lib{number:05}.so"))).unwrap();
    }
    settle();
    let host = stage.host();
    let path = stage.path().join("plugins.index");
    let mut index = Index::open(&path);
    let count = |index: &mut Index| {
        let candidates = host.inspect_all_with(index).unwrap();
        assert!(candidates.iter().is_sorted_by_key(|candidate| candidate.path().to_owned()));
        (candidates.len(), candidates.iter().filter(|candidate| candidate.is_from_index()).count())
    };
    assert_eq!(count(&mut index), (FILES, 0));
    index.save().unwrap();
    let mut index = Index::open(&path);
    assert_eq!(count(&mut index), (FILES, FILES));
    let saved = fs::metadata(&path).unwrap().modified().unwrap();
    index.save().unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), saved, "nothing new is not written");
}

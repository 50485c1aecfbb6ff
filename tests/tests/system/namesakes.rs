//! Several files and one name: one file has one handle, two plugins of a name are an answer of their own, or side by side.

use std::{
    fs,
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::{Duration, SystemTime},
};

use integration::Stage;
use plugin_host::{NameTaken, OpenError, Plugin, Stale};
use probe_api::Named;

use crate::fixture;

fn starts(plugin: &Plugin) -> u32 {
    plugin.lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst)
}

fn taken(error: OpenError) -> NameTaken {
    match error {
        OpenError::NameTaken(taken) => *taken,
        other => panic!("expected a name that is taken, found {other:?}"),
    }
}

#[test]
fn links_to_one_file_are_one_plugin_in_either_order() {
    for link_first in [false, true] {
        let stage = Stage::with(&fixture("lifecycle"));
        fs::create_dir(stage.path().join("other")).unwrap();
        let file = stage.path().join("liblifecycle.so");
        let hard = stage.path().join("other/liblifecycle.so");
        let soft = stage.path().join("libsoft.so");
        fs::hard_link(&file, &hard).unwrap();
        std::os::unix::fs::symlink(&file, &soft).unwrap();
        let host = stage.host();
        let mut order = [&file, &hard, &soft];
        if link_first {
            order.reverse();
        }
        let [first, second, third] = order.map(|path| host.open(path).unwrap());
        assert_eq!((&first, &second), (&second, &third));
        assert_eq!(starts(&first), 1);
    }
}

#[test]
fn a_copy_is_refused_by_what_is_open_in_either_order() {
    for copy_first in [false, true] {
        let stage = Stage::with(&fixture("lifecycle"));
        stage.add_as(&fixture("lifecycle"), "libcopy.so");
        let directory = stage.path().canonicalize().unwrap();
        let names = if copy_first { ["copy", "lifecycle"] } else { ["lifecycle", "copy"] };
        let [open, found] = names.map(|name| directory.join(format!("lib{name}.so")));

        let host = stage.host();
        let plugin = host.open(names[0]).unwrap();
        for _ in 0..2 {
            let error = host.open(names[1]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "{} is plugin lifecycle 0.1.0: expected no other plugin of that name, found lifecycle 0.1.0 open \
                     from {}; open one of the two files only, or both by `Host::side_by_side`",
                    found.display(),
                    open.display()
                )
            );
            let taken = taken(error);
            assert_eq!((taken.name.as_str(), taken.open_version.as_str()), ("lifecycle", "0.1.0"));
            assert_eq!((taken.open_path, taken.found_path), (open.clone(), found.clone()));
        }
        assert_eq!((starts(&plugin), host.open(&open).unwrap()), (1, plugin.clone()));
        // The rule is each host's own.
        let copy = stage.host().open(names[1]).unwrap();
        assert_ne!(copy, plugin);
        // What is shut down has no name any more.
        plugin.shutdown(Duration::ZERO).unwrap();
        assert_eq!(host.open(names[1]).unwrap(), copy);
    }
}

#[test]
fn copies_opened_at_once_leave_one() {
    let stage = Stage::new();
    let copies: Vec<_> =
        (0..8).map(|number| stage.add_as(&fixture("lifecycle"), &format!("lib{number}.so"))).collect();
    stage.write("slow", "");
    let host = &stage.host();
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = copies.iter().map(|copy| scope.spawn(move || host.open(copy))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (opened, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((opened.len(), refused.len()), (1, 7));
    for error in refused {
        assert_eq!(taken(error.unwrap_err()).open_path, opened[0].as_ref().unwrap().path());
    }
}

#[test]
fn copies_open_side_by_side_if_the_host_asks() {
    let stage = Stage::with(&fixture("lifecycle"));
    let copy = stage.add_as(&fixture("lifecycle"), "libcopy.so");
    let host = stage.host().side_by_side();
    let plugins: Vec<Plugin> = std::thread::scope(|scope| {
        let opens = || [host.open("lifecycle").unwrap(), host.open(&copy).unwrap()];
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(opens)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let (original, copy) = (&plugins[0], &plugins[1]);
    assert_ne!(original, copy);
    assert!(plugins.chunks(2).all(|both| both == [original.clone(), copy.clone()]));
    assert_eq!((starts(original), starts(copy)), (1, 1));
    original.shutdown(Duration::ZERO).unwrap();
    assert!(original.root::<dyn Named>().is_err());
    assert_eq!(copy.root::<dyn Named>().unwrap().name(), "alive");
}

#[test]
fn a_namesake_that_is_another_plugin_opens() {
    for other_first in [false, true] {
        let stage = Stage::with(&fixture("lifecycle"));
        fs::create_dir(stage.path().join("other")).unwrap();
        let same_name = stage.add_as(&fixture("starting"), "other/liblifecycle.so");
        let host = stage.host();
        let other = other_first.then(|| host.open(&same_name).unwrap());
        let plugin = host.open("lifecycle").unwrap();
        let other = other.unwrap_or_else(|| host.open(&same_name).unwrap());
        assert_eq!((plugin.name(), other.name()), ("lifecycle", "starting"));
    }
}

#[test]
fn a_replaced_file_is_told_from_what_is_open() {
    let stage = Stage::with(&fixture("lifecycle"));
    let host = stage.host();
    let old = host.open("lifecycle").unwrap();
    let named = old.root::<dyn Named>().unwrap();
    assert!(old.is_stale().is_none());
    let path = stage.path().canonicalize().unwrap().join("liblifecycle.so");
    fs::rename(stage.add_as(&fixture("lifecycle"), "new"), &path).unwrap();
    assert!(matches!(old.is_stale(), Some(Stale::Replaced)));

    let error = host.open("lifecycle").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{} was replaced or written to since plugin lifecycle 0.1.0 was opened from it, and is lifecycle 0.1.0 \
             now: expected the file that is open; go over to the new one by `Host::reload`, or open both by \
             `Host::side_by_side`",
            path.display()
        )
    );
    let taken = taken(error);
    assert_eq!((&taken.open_path, &taken.found_path), (&path, &path));
    // The old one goes on; another host opens the new one.
    let new = stage.host().open("lifecycle").unwrap();
    assert_ne!(old, new);
    assert!(new.is_stale().is_none());
    assert_eq!((starts(&old), starts(&new), named.name()), (1, 1, "alive"));
}

#[test]
fn a_stale_file_is_known_by_what_happened_to_it() {
    let stage = Stage::with(&fixture("lifecycle"));
    let path = stage.path().join("liblifecycle.so");
    let plugin = stage.host().open("lifecycle").unwrap();
    // Neither a link to it nor a change of its mode is a change of the file, nor is a rename there and back.
    fs::hard_link(&path, stage.path().join("link")).unwrap();
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    fs::rename(&path, stage.path().join("away")).unwrap();
    assert!(matches!(plugin.is_stale(), Some(Stale::Removed)));
    fs::rename(stage.path().join("away"), &path).unwrap();
    assert!(plugin.is_stale().is_none());

    let file = fs::File::options().append(true).open(&path).unwrap();
    let modified = file.metadata().unwrap().modified().unwrap();
    file.set_modified(modified + Duration::from_nanos(1)).unwrap();
    assert!(matches!(plugin.is_stale(), Some(Stale::Rewritten)));
    file.set_modified(modified).unwrap();
    assert!(plugin.is_stale().is_none());
    // Bytes at the end, which nothing is mapped from.
    std::io::Write::write_all(&mut &file, b"more").unwrap();
    file.set_modified(modified).unwrap();
    assert_eq!(plugin.is_stale().unwrap().to_string(), "the file was written to since it was loaded");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(plugin.is_stale(), Some(Stale::Replaced)));
}

/// The system maps one file once: to a host that has nothing open from it, it is the plugin that it was.
#[test]
fn a_file_that_was_only_touched_is_one_library_to_all_hosts() {
    let stage = Stage::with(&fixture("lifecycle"));
    let path = stage.path().join("liblifecycle.so");
    let (one, other) = (stage.host(), stage.host().side_by_side());
    let plugin = one.open("lifecycle").unwrap();
    let before = other.open("lifecycle").unwrap();
    let file = fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(1)).unwrap();
    assert!(matches!(one.open("lifecycle"), Err(OpenError::NameTaken(_))));
    let after = other.open("lifecycle").unwrap();
    assert_eq!((&plugin, &before), (&before, &after));
    assert_eq!(starts(&plugin), 1);
    // One handle of one host: what one of its spellings shuts down is shut down.
    before.shutdown(Duration::ZERO).unwrap();
    assert!(after.root::<dyn Named>().is_err());
    assert_eq!(plugin.root::<dyn Named>().unwrap().name(), "alive");
}

//! What a host says of linked plugins, and which plugin a name means.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

use integration::{Child, Compiler, Profile, Stage, built};
use plugin_host::{Host, InspectError, Inspected, OpenError, ReloadError, link};
use probe_api::Named;

use crate::{linked, plugins};

fn program() -> PathBuf {
    env::current_exe().unwrap().canonicalize().unwrap()
}

#[test]
fn a_name_is_that_of_the_crate_and_the_file_is_the_program() {
    let host = linked();
    let plugin = host.open("codec-lz4").unwrap();
    assert_eq!(host.open("codec_lz4").unwrap(), plugin);
    assert_eq!((plugin.name(), plugin.path(), plugin.is_linked()), ("codec-lz4", &*program(), true));
    // What is in the library's file name is not in the crate's.
    assert!(matches!(host.open("libcodec_lz4.so"), Err(OpenError::NotFound { .. })));
}

#[test]
fn what_is_linked_is_discovered_by_names_that_open() {
    let host = linked();
    let names: Vec<_> = host.discover().unwrap();
    let expected =
        ["codec_drifted", "codec_lz4", "greeter", "lifecycle", "logs_log", "objects", "starting", "tasks"];
    assert_eq!(names, expected.map(PathBuf::from));
    for name in names {
        let verified = host.verify(&name).unwrap();
        assert_eq!(verified.descriptor().unwrap().name.replace('-', "_"), name.to_str().unwrap());
        assert!(verified.inspected().is_none(), "there is no file to inspect");
    }
    let stage = Stage::with(&built(Compiler::Host, Profile::Unwind, "objects"));
    let both = stage.host().linking(link!(greeter)).discover().unwrap();
    assert_eq!(both, [PathBuf::from("greeter"), stage.path().canonicalize().unwrap().join("libobjects.so")]);
}

#[test]
fn what_is_not_there_is_told_with_what_is_linked() {
    let error = Host::linked(link!(greeter, codec_lz4)).open("codec-lz5").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("no plugin `codec-lz5`"), "{text}");
    assert!(text.contains("linked into this program: greeter, codec_lz4"), "{text}");
    assert!(matches!(Host::linked(link!()).open("greeter"), Err(OpenError::NotFound { .. })));
    // A path is that of a file, which nobody said to trust.
    let path = Path::new("./greeter");
    assert!(matches!(linked().open(path), Err(OpenError::Inspect(_))));
}

#[test]
fn what_is_linked_is_not_reloaded() {
    let host = linked();
    let error = host.reload(&host.open("greeter").unwrap()).unwrap_err();
    assert!(matches!(error, ReloadError::Linked { .. }), "{error:?}");
    assert!(error.to_string().contains("is linked into this program"), "{error}");
}

#[test]
fn two_hosts_have_one_plugin_and_shut_it_down_each_for_itself() {
    Child::of("host::two_hosts_have_one_plugin_and_shut_it_down_each_for_itself").passes(|| {
        let (one, other) = (linked(), Host::linked(link!(lifecycle)));
        let (first, second) = (one.open("lifecycle").unwrap(), other.open("lifecycle").unwrap());
        assert_eq!(first, second);
        let count = |name| first.lookup::<AtomicU32>(name).unwrap().load(SeqCst);
        assert_eq!((count("STARTED"), count("STOPPED")), (1, 0));
        first.shutdown(Duration::from_secs(5)).unwrap();
        assert_eq!(second.root::<dyn Named>().unwrap().name(), "alive");
        assert_eq!(count("STOPPED"), 0);
        second.shutdown(Duration::from_secs(5)).unwrap();
        assert_eq!((count("STARTED"), count("STOPPED")), (1, 1));
    });
}

#[test]
fn many_threads_open_one_plugin() {
    Child::of("host::many_threads_open_one_plugin").passes(|| {
        let host = linked();
        let plugins: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..32).map(|_| scope.spawn(|| host.open("lifecycle").unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(plugins.iter().all(|plugin| *plugin == plugins[0]));
        assert_eq!(plugins[0].lookup::<AtomicU32>("STARTED").unwrap().load(SeqCst), 1);
    });
}

/// Both packages are called `lifecycle`; in the program they are two crates.
#[test]
fn two_versions_of_a_plugin_are_two_plugins() {
    Child::of("host::two_versions_of_a_plugin_are_two_plugins").passes(|| {
        let (old, next) = (Host::linked(link!(lifecycle)), Host::linked(link!(lifecycle_next)));
        let (old, next) = (old.open("lifecycle").unwrap(), next.open("lifecycle-next").unwrap());
        assert_ne!(old, next);
        assert_eq!((old.name(), next.name()), ("lifecycle", "lifecycle"));
        assert_eq!((old.version(), next.version()), ("0.1.0", "0.2.0"));
        assert!(next.lookup_fn::<fn() -> bool>("is_next").unwrap().call());
        assert!(old.lookup_fn::<fn() -> bool>("is_next").is_err());
        // One host has one plugin of a name, wherever it is from.
        let both = Host::linked(link!(lifecycle, lifecycle_next));
        both.open("lifecycle").unwrap();
        let error = both.open("lifecycle-next").unwrap_err();
        assert!(matches!(error, OpenError::NameTaken(_)), "{error:?}");
        assert!(error.to_string().contains("lifecycle 0.2.0"), "{error}");
        assert!(!error.to_string().contains("replaced"), "{error}");
    });
}

/// In a copy of this program, because what the plugin asks for lies beside its file.
#[test]
fn a_failed_start_is_undone_and_can_be_repeated() {
    let stage = Stage::new();
    let copy = stage.add_as(&program(), "program");
    let child = Child::of("host::a_failed_start_is_undone_and_can_be_repeated").program(&copy);
    child.passes(|| {
        let down = env::current_exe().unwrap().with_file_name("down");
        fs::write(&down, "").unwrap();
        let host = linked();
        for _ in 0..2 {
            let error = host.open("starting").unwrap_err();
            assert!(matches!(error, OpenError::Constructor { .. }), "{error:?}");
        }
        fs::remove_file(down).unwrap();
        let plugin = host.open("starting").unwrap();
        let failed = ["init", "first made", "first dropped", "shutdown"];
        let expected: Vec<&str> = [&failed, &failed, &failed[..2]].concat();
        assert_eq!(plugin.lookup_fn::<fn() -> Vec<String>>("history").unwrap().call(), expected);
    });
}

/// It holds the descriptors of many plugins.
#[test]
fn the_program_is_no_plugin() {
    let error = Inspected::read(program()).unwrap_err();
    assert!(matches!(error, InspectError::Object { .. }), "{error:?}");
    let text = plugin_host::report(&error).to_string();
    assert!(text.contains("not a shared library"), "{text}");
}

#[test]
fn the_list_can_be_shown_and_copied() {
    let plugins = plugins();
    let copy = plugins;
    assert_eq!(plugins.names().count(), copy.names().count());
    assert!(format!("{plugins:?}").contains("\"codec_lz4\""));
}

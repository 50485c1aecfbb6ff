//! Where plugins are looked for, and in which order.

use std::{env, fs, path::PathBuf};

use integration::{Child, Stage};
use plugin_host::{InspectError, OpenError, TrustError};

use crate::fixture;

/// Where a name is looked for that no plugin has.
fn searched(host: &plugin_host::Host) -> Vec<PathBuf> {
    match host.open("libno_such.so").unwrap_err() {
        OpenError::NotFound { searched, .. } => {
            searched.iter().map(|file| file.parent().unwrap().to_owned()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_directory_that_has_a_name_has_the_plugin() {
    let (first, second, third) = (Stage::new(), Stage::with(&fixture("starting")), Stage::new());
    first.add(&fixture("lifecycle"));
    second.add(&fixture("lifecycle"));
    third.add_as(&fixture("starting"), "libthird.so");
    third.add(&fixture("lifecycle"));
    // Trusted ones come first, whatever is declared first.
    let host = first.host().searching(third.path());
    // SAFETY: the directory is the test's own.
    let host = unsafe { host.and_dir(second.path()) }.unwrap().searching("/no/such/directory");
    let [first, second] = [&first, &second].map(|stage| stage.path().canonicalize().unwrap());
    assert_eq!(searched(&host), [&first, &second, third.path(), &PathBuf::from("/no/such/directory")]);
    assert_eq!(
        host.discover().unwrap(),
        [first.join("liblifecycle.so"), second.join("libstarting.so"), third.path().join("libthird.so"),]
    );
    assert_eq!(host.open("lifecycle").unwrap().path(), first.join("liblifecycle.so"));
    // To be searched is not to be trusted.
    let error = host.open("third").unwrap_err();
    assert!(matches!(error, OpenError::Untrusted(TrustError::Outside { .. })), "{error:?}");
}

#[test]
fn an_environment_variable_is_searched_if_the_host_says_so() {
    let (listed, other) = (Stage::with(&fixture("starting")), Stage::new());
    let list = env::join_paths(["", "relative", listed.path().to_str().unwrap(), "."]).unwrap();
    Child::of("discovery::an_environment_variable_is_searched_if_the_host_says_so")
        .env("APP_PLUGINS", list)
        .env("LD_LIBRARY_PATH", listed.path())
        .env("LISTED", listed.path())
        .passes(|| {
            let listed = PathBuf::from(env::var_os("LISTED").unwrap());
            // Neither the loader's search path nor the current directory is one of a host.
            env::set_current_dir(&listed).unwrap();
            let stage = Stage::new();
            let trusted = stage.path().canonicalize().unwrap();
            assert_eq!(searched(&stage.host()), [&*trusted]);
            assert!(matches!(stage.host().open("starting"), Err(OpenError::NotFound { .. })));
            assert_eq!(searched(&stage.host().searching_env("NOT_SET_AT_ALL")), [&*trusted]);
            let host = stage.host().searching_env("APP_PLUGINS");
            assert_eq!(searched(&host), [&*trusted, &*listed]);
            assert!(matches!(host.open("starting"), Err(OpenError::Untrusted(_))));
            assert_eq!(host.discover().unwrap(), [listed.join("libstarting.so")]);

            // A relative directory is meant from where it was declared.
            let host = stage.host().searching("plugins");
            env::set_current_dir(stage.path()).unwrap();
            assert_eq!(searched(&host), [&*trusted, &*listed.join("plugins")]);
        });
    drop(other);
}

#[test]
fn the_programs_directory_is_searched_if_the_host_says_so() {
    let stage = Stage::new();
    let program = env::current_exe().unwrap().canonicalize().unwrap();
    let host = stage.host().searching_executable_dir().unwrap();
    assert_eq!(searched(&host), [&*stage.path().canonicalize().unwrap(), program.parent().unwrap()]);
}

#[test]
fn every_file_says_what_it_is_and_none_of_them_runs() {
    let stage = Stage::with(&fixture("lifecycle"));
    stage.write("libtext.so", "no library at all");
    stage.write("readme.md", "no library by its name");
    fs::create_dir(stage.path().join("libdirectory.so")).unwrap();
    std::os::unix::fs::symlink("liblifecycle.so", stage.path().join("liblink.so")).unwrap();
    let candidates = stage.host().inspect_all().unwrap();
    let said: Vec<_> = candidates
        .iter()
        .map(|candidate| {
            let file = candidate.path().file_name().unwrap().to_str().unwrap();
            let name = candidate.description().map(|found| found.descriptor().unwrap().name);
            (file, name)
        })
        .collect();
    assert_eq!(said.len(), 4);
    assert!(matches!(said[0], ("libdirectory.so", Err(InspectError::File(_)))), "{said:?}");
    assert!(matches!(said[1], ("liblifecycle.so", Ok("lifecycle"))), "{said:?}");
    assert!(matches!(said[2], ("liblink.so", Ok("lifecycle"))), "{said:?}");
    assert!(matches!(said[3], ("libtext.so", Err(InspectError::Object { .. }))), "{said:?}");
}

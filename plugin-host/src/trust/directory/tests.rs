//! Directories and files of every kind of owner and mode.

use std::os::unix::fs::{PermissionsExt, chown, symlink};

use super::*;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(place.at("plugins/nested")).unwrap();
        for file in ["plugins/a.so", "plugins/nested/b.so", "outside.so"] {
            std::fs::write(place.at(file), b"x").unwrap();
            place.mode(file, 0o644);
        }
        for directory in ["plugins", "plugins/nested"] {
            place.mode(directory, 0o755);
        }
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        std::fs::canonicalize(self.0.path()).unwrap().join(name)
    }

    fn mode(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.at(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn declare(&self) -> Result<TrustedDirectory, TrustError> {
        TrustedDirectory::declare(&self.at("plugins"))
    }

    fn admit(&self, name: &str) -> Result<(), TrustError> {
        admit(&[self.declare()?], &OpenFile::open(&self.at(name)).unwrap())
    }

    fn open(&self, trusted: &TrustedDirectory, name: &str) -> Result<OpenFile, FileError> {
        let path = self.at(name);
        trusted.open(path.clone(), &Look::at(path), MaxFileSize::default())
    }

    fn assert_writable(&self, result: Result<(), TrustError>, name: &str, mode: u32) {
        let error = result.unwrap_err();
        assert!(
            matches!(&error, TrustError::Writable { path, expected, found }
                if *path == self.at(name) && *expected == mode & !0o022 && *found == mode),
            "{error:?}"
        );
    }
}

#[test]
fn a_directory_only_we_can_write_to_admits_its_files_and_links_that_stay_inside() {
    let place = Place::new();
    symlink("nested/b.so", place.at("plugins/inside.so")).unwrap();
    symlink(place.at("plugins"), place.at("elsewhere")).unwrap();
    for name in ["plugins/a.so", "plugins/nested/b.so", "plugins/inside.so", "elsewhere/a.so"] {
        place.admit(name).unwrap();
    }
    TrustedDirectory::declare(&place.at("elsewhere")).unwrap();
}

#[test]
fn links_that_lead_out_and_neighbours_with_the_same_prefix_are_refused() {
    let place = Place::new();
    symlink("../outside.so", place.at("plugins/out.so")).unwrap();
    std::fs::write(place.at("plugins.so"), b"x").unwrap();
    for name in ["plugins/out.so", "outside.so", "plugins.so", "plugins/../outside.so"] {
        let error = place.admit(name).unwrap_err();
        assert!(matches!(error, TrustError::Outside { .. }), "{name}: {error:?}");
    }
}

#[test]
fn a_file_in_no_trusted_directory_is_refused_by_the_names_of_all() {
    let place = Place::new();
    let [one, other] =
        ["plugins", "plugins/nested"].map(|name| TrustedDirectory::declare(&place.at(name)).unwrap());
    let file = OpenFile::open(&place.at("outside.so")).unwrap();
    let [one_path, other_path] = [&one, &other].map(|directory| directory.path().display().to_string());
    assert_eq!(
        admit(&[one, other], &file).unwrap_err().to_string(),
        format!(
            "{} is in no trusted directory: expected it in {one_path} or {other_path}; if you trust it, copy it there",
            file.path().display()
        )
    );
    assert!(matches!(admit(&[], &file), Err(TrustError::Nothing { .. })));
}

#[test]
fn whatever_others_can_write_to_is_refused_with_the_cure() {
    for mode in [0o775, 0o757, 0o1777] {
        let place = Place::new();
        place.mode("plugins", mode);
        place.assert_writable(place.declare().map(drop), "plugins", mode);
    }
    let place = Place::new();
    place.mode("plugins/nested", 0o777);
    place.admit("plugins/a.so").unwrap();
    place.assert_writable(place.admit("plugins/nested/b.so"), "plugins/nested", 0o777);
    place.mode("plugins/a.so", 0o664);
    place.assert_writable(place.admit("plugins/a.so"), "plugins/a.so", 0o664);

    let text = place.admit("plugins/a.so").unwrap_err().to_string();
    assert!(text.contains("mode is 0664, expected 0644; run `chmod go-w /"), "{text}");
}

#[test]
fn a_directory_that_becomes_writable_is_refused_from_then_on() {
    let place = Place::new();
    let trusted = place.declare().unwrap();
    place.mode("plugins", 0o777);
    let file = OpenFile::open(&place.at("plugins/a.so")).unwrap();
    place.assert_writable(admit(&[trusted], &file), "plugins", 0o777);
}

#[test]
fn a_parent_others_can_write_to_is_accepted_only_when_sticky() {
    let place = Place::new();
    std::fs::create_dir(place.at("plugins/nested/deep")).unwrap();
    place.mode("plugins/nested/deep", 0o755);
    let deep = || TrustedDirectory::declare(&place.at("plugins/nested/deep")).map(drop);
    place.mode("plugins/nested", 0o1777);
    deep().unwrap();
    place.mode("plugins/nested", 0o777);
    place.assert_writable(deep(), "plugins/nested", 0o777);
}

#[test]
fn the_file_that_was_opened_is_judged_not_the_one_that_took_its_name() {
    let place = Place::new();
    place.mode("plugins/a.so", 0o666);
    let file = OpenFile::open(&place.at("plugins/a.so")).unwrap();
    place.mode("outside.so", 0o644);
    std::fs::rename(place.at("outside.so"), place.at("plugins/a.so")).unwrap();
    place.assert_writable(admit(&[place.declare().unwrap()], &file), "plugins/a.so", 0o666);
}

/// Only root can give a file away; for other users this holds nothing.
#[test]
fn another_owner_is_refused() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let owned_by_other = |name: &str| {
        let place = Place::new();
        chown(place.at(name), Some(12345), None).unwrap();
        let error = place.admit("plugins/nested/b.so").unwrap_err();
        assert!(
            matches!(&error, TrustError::Owner { path, expected: 0, found: 12345 } if *path == place.at(name)),
            "{error:?}"
        );
    };
    for name in ["plugins/nested/b.so", "plugins/nested", "plugins", ""] {
        owned_by_other(name);
    }
}

/// Whoever can write above the trusted directory could put another one of a trusted owner in its place.
#[test]
fn another_directory_in_the_place_of_the_declared_one_is_refused() {
    let place = Place::new();
    let trusted = place.declare().unwrap();
    std::fs::rename(place.at("plugins"), place.at("aside")).unwrap();
    std::fs::create_dir(place.at("plugins")).unwrap();
    place.mode("plugins", 0o755);
    std::fs::copy(place.at("outside.so"), place.at("plugins/a.so")).unwrap();
    let error = match place.open(&trusted, "plugins/a.so") {
        Ok(file) => admit(std::slice::from_ref(&trusted), &file).unwrap_err(),
        Err(error) => panic!("{error}"),
    };
    assert!(matches!(&error, TrustError::Moved { path } if *path == place.at("plugins")), "{error:?}");
    assert!(error.to_string().ends_with("declare it again if that was you"), "{error}");

    std::fs::remove_dir_all(place.at("plugins")).unwrap();
    std::fs::rename(place.at("aside"), place.at("plugins")).unwrap();
    admit(std::slice::from_ref(&trusted), &place.open(&trusted, "plugins/a.so").unwrap()).unwrap();
}

/// A directory that becomes a link between the resolution of a path and its opening leads nowhere.
#[test]
fn links_that_came_after_the_path_was_resolved_are_not_followed() {
    let place = Place::new();
    let trusted = place.declare().unwrap();
    std::fs::rename(place.at("plugins/nested"), place.at("nested")).unwrap();
    symlink(place.at("nested"), place.at("plugins/nested")).unwrap();
    let error = place.open(&trusted, "plugins/nested/b.so").unwrap_err();
    assert!(
        matches!(&error, FileError::Io { source, .. }
        if source.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())),
        "{error:?}"
    );
    let error = OpenFile::open_resolved(place.at("plugins/nested/b.so"), MaxFileSize::default()).unwrap_err();
    assert!(matches!(error, FileError::Io { .. }), "{error:?}");
}

/// A path that was not resolved is opened only if nothing in it leads elsewhere.
#[test]
fn a_path_with_a_link_in_it_is_not_opened_at_once() {
    let place = Place::new();
    let trusted = place.declare().unwrap();
    symlink("nested", place.at("plugins/link")).unwrap();
    symlink("a.so", place.at("plugins/link.so")).unwrap();
    let open = |name: &str| {
        let path = place.at(name);
        trusted.open_unless_linked(path.clone(), &Look::at(path), MaxFileSize::default())
    };
    for name in ["plugins/link/b.so", "plugins/link.so", "plugins/missing.so", "plugins/nested", "outside.so"]
    {
        assert!(open(name).is_none(), "{name}");
    }
    for name in ["plugins/a.so", "plugins/nested/b.so"] {
        // Where the kernel is too old to say, none is.
        if let Some(file) = open(name) {
            assert_eq!(file.path(), place.at(name));
        }
    }
}

/// What is opened without a look at each of its parts is spelled as it would be after that.
#[test]
fn only_a_path_that_is_spelled_plainly_is_told_without_being_resolved() {
    let place = Place::new();
    let plain = |name: &str| Look::at(Path::new(name)).plain_path().map(std::borrow::Cow::into_owned);
    let file = place.at("plugins/a.so");
    let file = file.to_str().unwrap();
    assert_eq!(plain(file).as_deref(), Some(Path::new(file)));
    let here = std::fs::canonicalize("Cargo.toml").unwrap();
    assert_eq!(plain("Cargo.toml"), Some(here));
    let directory = file.strip_suffix("a.so").unwrap();
    for other in ["./a.so", "/a.so", "nested/../a.so", "missing.so", "nested/"] {
        assert_eq!(plain(&format!("{directory}{other}")), None, "{other}");
    }
    assert_eq!(plain("./Cargo.toml"), None);
}

#[test]
fn what_is_no_directory_is_not_declared() {
    let place = Place::new();
    let declare = |name: &str| TrustedDirectory::declare(&place.at(name)).unwrap_err();
    assert!(matches!(declare("outside.so"), TrustError::NotADirectory { .. }));
    assert!(matches!(declare("missing"), TrustError::Unreadable { .. }));
}

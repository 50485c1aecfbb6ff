//! A linked plugin beside a loaded one.

use std::{path::PathBuf, sync::Arc};

use integration::{Child, Compiler, Profile, Stage, built};
use objects_api::Passing;
use plugin_host::{OpenError, link};

/// Not in a child: building may take longer than that has.
fn library() -> PathBuf {
    built(Compiler::Host, Profile::Unwind, "objects")
}

#[test]
fn a_name_means_the_linked_plugin_and_a_path_the_file() {
    let library = library();
    Child::of("beside_loaded::a_name_means_the_linked_plugin_and_a_path_the_file").passes(|| {
        let stage = Stage::with(&library);
        let host = stage.host().linking(link!(objects));
        let linked = host.open("objects").unwrap();
        assert!(linked.is_linked());
        let file = stage.path().join("libobjects.so");
        // One host has one plugin of a name.
        let error = host.open(&file).unwrap_err();
        assert!(matches!(error, OpenError::NameTaken(_)), "{error:?}");
        // Another one has the file.
        let loaded = stage.host().open(&file).unwrap();
        assert!(!loaded.is_linked());
        assert_ne!(loaded, linked);
        assert_eq!(loaded.path(), file.canonicalize().unwrap());
        assert_eq!(stage.host().linking(link!(greeter)).open("objects").unwrap(), loaded);
    });
}

#[test]
fn objects_go_from_one_to_the_other() {
    let library = library();
    Child::of("beside_loaded::objects_go_from_one_to_the_other").passes(|| {
        let stage = Stage::with(&library);
        let linked = crate::linked().open_root::<dyn Passing>("objects").unwrap();
        let loaded = stage.host().open_root::<dyn Passing>("objects").unwrap();
        for (one, other) in [(&linked, &loaded), (&loaded, &linked)] {
            let shared = one.share("a");
            let home = one.address(&*shared);
            let back = one.through(&**other, Arc::clone(&shared));
            assert_eq!(one.address(&*back), home, "it comes home through the other");
            assert_ne!(other.address(&*shared), home, "the other has a proxy");
            assert_eq!(one.read_through(&**other, &*shared), "aa");
            assert_eq!(other.consume(one.make("b")), "b");
            assert_eq!(one.boxed_through(&**other, one.make("c")).name(), "c");
            assert_eq!((one.alive(), other.alive()), (1, 0));
            drop((shared, back));
            assert_eq!((one.alive(), other.alive()), (0, 0));
        }
        // Of a linked plugin, the program has the object itself.
        let own = linked.share("d");
        assert_eq!(linked.address(&*own), (&raw const *own).cast::<u8>().addr());
    });
}

//! With real libraries, compiled here.

use std::os::fd::AsRawFd;
use std::process::Command;

use super::platform::{Descriptors, Load, open, own_descriptors, spell, spell_path};
use super::*;

fn compile(dir: &Path, name: &str, source: &str, flags: &[&str]) -> PathBuf {
    let code = dir.join(format!("{name}.c"));
    let library = dir.join(name);
    std::fs::write(&code, source).unwrap();
    let made = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &code])
        .args(flags)
        .current_dir(dir)
        .status()
        .unwrap();
    assert!(made.success());
    std::fs::canonicalize(library).unwrap()
}

fn answering(dir: &Path, name: &str, number: i32) -> PathBuf {
    compile(dir, name, &format!("int answer(void) {{ return {number}; }}"), &[])
}

fn load(path: &Path) -> &'static Library {
    let file = OpenFile::open(path).unwrap();
    // SAFETY: the tests compile the libraries they load.
    unsafe { Library::load(&file) }.unwrap()
}

fn answer(library: &Library) -> i32 {
    let function = library.symbol(c"answer").unwrap();
    // SAFETY: `answer` is compiled with this type, and the library is never unloaded.
    let function = unsafe { std::mem::transmute::<NonNull<c_void>, extern "C" fn() -> i32>(function) };
    function()
}

/// The file and the base that `dladdr` names for `answer`.
fn located(library: &Library) -> (PathBuf, usize) {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `info` is a place for the result, of which all zeros is a value; the name ends in NUL.
    let (name, base) = unsafe {
        assert_ne!(libc::dladdr(library.symbol(c"answer").unwrap().as_ptr(), info.as_mut_ptr()), 0);
        let info = info.assume_init();
        (CStr::from_ptr(info.dli_fname), info.dli_fbase as usize)
    };
    (name.to_str().unwrap().into(), base)
}

#[test]
fn a_loaded_library_is_known_by_its_path_and_its_base() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 42);
    let library = load(&path);
    assert_eq!(answer(library), 42);
    assert_eq!(located(library), (path.clone(), library.base().unwrap()));
    assert_eq!(library.symbol(c"question"), None);

    // Another name for what is loaded already does not rename it.
    let alias = dir.path().join("alias.so");
    std::fs::hard_link(&path, &alias).unwrap();
    let again = load(&alias);
    assert_eq!((again.base(), located(again).0), (library.base(), path));
}

#[test]
fn a_library_that_is_loaded_again_is_not_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 3);
    let first = load(&path);
    assert!(std::ptr::eq(first, load(&path)));
    // What is written over it is not what was loaded.
    let file = OpenFile::open(&path).unwrap();
    std::fs::rename(answering(dir.path(), "new.so", 4), &path).unwrap();
    assert!(!std::ptr::eq(first, load(&path)));
    // SAFETY: compiled above.
    assert!(std::ptr::eq(first, unsafe { Library::load(&file) }.unwrap()));
}

/// In the `/proc` of another container our number is a stranger's, or nobody's.
#[test]
fn a_number_in_proc_is_believed_only_if_it_is_ours_there() {
    let id = std::process::id();
    let own = std::fs::read_link("/proc/self").unwrap();
    let believed = |directory: String, are_ours| Descriptors { directory: directory.into(), are_ours };
    assert_eq!(own_descriptors(Some(&own)), believed(format!("/proc/{id}/fd"), true));
    for others in [None, Some(format!("{}", id + 1)), Some(format!("{id}0")), Some(String::new())] {
        let others = others.as_deref().map(Path::new);
        assert_eq!(own_descriptors(others), believed("/proc/self/fd".into(), false), "{others:?}");
    }
}

#[test]
fn what_replaced_a_library_is_another_library() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 1);
    let first = load(&path);
    std::fs::rename(answering(dir.path(), "new.so", 2), &path).unwrap();
    let second = load(&path);
    assert_eq!((answer(first), answer(second)), (1, 2));
    assert_eq!(located(second).0, path);
}

#[test]
fn what_was_opened_is_loaded_whatever_took_its_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 1);
    let file = OpenFile::open(&path).unwrap();
    std::fs::rename(answering(dir.path(), "new.so", 2), &path).unwrap();
    // SAFETY: compiled above.
    let library = unsafe { Library::load(&file) }.unwrap();
    assert_eq!(answer(library), 1);
}

#[test]
fn a_sealed_copy_is_loaded_and_known_by_the_files_path() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 1);
    let file = OpenFile::open(&path).unwrap().sealed().unwrap();
    std::fs::copy(answering(dir.path(), "new.so", 2), &path).unwrap();
    // SAFETY: compiled above.
    let library = unsafe { Library::load(&file) }.unwrap();
    assert_eq!((answer(library), located(library)), (1, (path.clone(), library.base().unwrap())));

    // A number that is used again, and a copy of what has the same path, are other libraries.
    drop(file);
    let changed = OpenFile::open(&path).unwrap().sealed().unwrap();
    // SAFETY: compiled above.
    assert_eq!(answer(unsafe { Library::load(&changed) }.unwrap()), 2);
}

#[test]
fn a_file_that_was_changed_in_place_since_it_was_opened_is_not_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 1);
    let file = OpenFile::open(&path).unwrap();
    std::fs::copy(answering(dir.path(), "new.so", 2), &path).unwrap();
    // SAFETY: compiled above; it does not load.
    let error = unsafe { Library::load(&file) }.unwrap_err();
    assert!(matches!(error, LoadError::Rewritten { .. }), "{error:?}");
}

#[test]
fn a_descriptor_number_that_is_used_again_loads_what_it_stands_for_now() {
    let dir = tempfile::tempdir().unwrap();
    let first = OpenFile::open(&answering(dir.path(), "a.so", 1)).unwrap();
    let second = OpenFile::open(&answering(dir.path(), "b.so", 2)).unwrap();
    // SAFETY: compiled above.
    let one = unsafe { Library::load(&first) }.unwrap();
    // Other tests open files meanwhile, so the number is not left to chance.
    // SAFETY: both numbers are open; what the first stood for is closed by this, and nobody else uses it.
    let replaced = unsafe { libc::dup2(second.file().as_raw_fd(), first.file().as_raw_fd()) };
    assert_eq!(replaced, first.file().as_raw_fd());
    let reused = OpenFile::reusing(first, &second);
    // SAFETY: compiled above.
    let two = unsafe { Library::load(&reused) }.unwrap();
    assert_eq!((answer(one), answer(two)), (1, 2));
}

#[test]
fn many_copies_are_many_libraries() {
    let dir = tempfile::tempdir().unwrap();
    let original = answering(dir.path(), "a.so", 7);
    let bases = (0..200).map(|number| {
        let copy = dir.path().join(format!("copy{number}.so"));
        std::fs::copy(&original, &copy).unwrap();
        let library = load(&copy);
        assert_eq!((answer(library), located(library).0), (7, std::fs::canonicalize(&copy).unwrap()));
        library.base().unwrap()
    });
    assert_eq!(bases.collect::<std::collections::BTreeSet<_>>().len(), 200);
}

#[test]
fn constructors_have_run_when_load_returns() {
    let dir = tempfile::tempdir().unwrap();
    let source = "static int ran; __attribute__((constructor)) static void run(void) { ran = 5; }
                  int answer(void) { return ran; }";
    assert_eq!(answer(load(&compile(dir.path(), "a.so", source, &[]))), 5);
}

#[test]
fn the_loaders_reason_names_the_path() {
    let dir = tempfile::tempdir().unwrap();
    let source = "int missing(void); int answer(void) { return missing(); }";
    let path = compile(dir.path(), "a.so", source, &[]);
    let file = OpenFile::open(&path).unwrap();
    // SAFETY: compiled above; it does not load.
    let error = unsafe { Library::load(&file) }.unwrap_err();
    let LoadError::Refused { path: named, message } = &error else { panic!("{error:?}") };
    assert_eq!(*named, path);
    assert!(message.contains("undefined symbol: missing"), "{message}");
    assert!(message.contains(path.to_str().unwrap()) && !message.contains("/proc/"), "{message}");
}

#[test]
fn without_proc_the_path_must_still_lead_to_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = answering(dir.path(), "a.so", 1);
    let load = |file: &OpenFile, count| {
        let load = Load { copy: 0, count };
        // SAFETY: compiled in this test.
        unsafe { load_by_path(file, &spell_path(file.path(), load), open) }.map(ManuallyDrop::new)
    };
    let old = OpenFile::open(&path).unwrap();
    let first = Library { library: load(&old, u32::MAX).unwrap(), base: None };
    let trace = dir.path().join("ran");
    let source = format!(
        "#include <fcntl.h>\n__attribute__((constructor)) static void run(void) {{ creat(\"{}\", 0600); }}
         int answer(void) {{ return 2; }}",
        trace.display()
    );
    std::fs::rename(compile(dir.path(), "new.so", &source, &[]), &path).unwrap();
    assert!(matches!(load(&old, u32::MAX - 1), Err(LoadError::Replaced { .. })));
    assert!(!trace.exists(), "the constructor of a file that was not opened ran");
    let second =
        Library { library: load(&OpenFile::open(&path).unwrap(), u32::MAX - 2).unwrap(), base: None };
    assert_eq!((answer(&first), answer(&second)), (1, 2));
    assert!(trace.exists());
}

#[test]
fn no_two_loads_have_one_spelling() {
    let loads = (0..100).flat_map(|copy| (0..100).map(move |count| Load { copy, count }));
    let spellings = loads.map(|load| spell("/proc/self/fd".as_ref(), load, "7".as_ref()));
    let distinct = spellings.map(PathBuf::into_os_string).collect::<std::collections::HashSet<_>>();
    assert_eq!(distinct.len(), 10_000);
    let spelling = spell("/d".as_ref(), Load { copy: 0x12, count: 0b101 }, "f".as_ref());
    let zeros = "//".repeat(29);
    assert_eq!(spelling.as_os_str(), &*format!("/d/.///.{zeros}///.//./f"));
}

/// What the inspection says of a descriptor's address holds in memory.
#[test]
fn the_base_plus_its_address_is_where_a_descriptor_is() {
    use crate::object_file::{Marks, facts};
    let marks = Marks {
        elf_note_owner: b"PlugHost",
        elf_note_type: 77,
        pe_section: "",
        macho_segment: "",
        macho_section: "",
    };
    let source = r#"__asm__(".pushsection .note.x,\"a\",@note\n.balign 4\n.long 9, 12, 77\n.asciz \"PlugHost\"\n"
                            ".balign 4\n.ascii \"a descriptor\"\n.popsection");"#;
    let dir = tempfile::tempdir().unwrap();
    // A first segment that does not begin at address 0: the base is not the address of the first byte.
    for flags in [&[][..], &["-Wl,-Ttext-segment=0x200000"]] {
        let file = OpenFile::open(&compile(dir.path(), "a.so", source, flags)).unwrap();
        let descriptor = facts(&file, &marks).unwrap().descriptors.remove(0);
        // SAFETY: compiled above.
        let library = unsafe { Library::load(&file) }.unwrap();
        let at = library.base().unwrap() + usize::try_from(descriptor.address).unwrap();
        // SAFETY: that the loader maps these bytes there is what is tested.
        let mapped = unsafe { std::slice::from_raw_parts(at as *const u8, descriptor.bytes.len()) };
        assert_eq!((mapped, mapped), (&*descriptor.bytes, &b"a descriptor"[..]));
    }
}

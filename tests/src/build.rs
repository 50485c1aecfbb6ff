//! Builds fixtures, once per process: cargo knows what is fresh.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::{
    child::building,
    grown::GROWN,
    requiring::REQUIRING,
    variants::{VARIANTS, Variant},
};

/// The compiler of a build.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Compiler {
    /// The one that builds the tests.
    Host,
    /// One of rustup's toolchains, by name.
    Toolchain(String),
    /// The system's own: Debian's packages `rustc-web` and `cargo-web`.
    System,
}

/// How panics are answered in a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// The usual profile.
    Unwind,
    /// With `panic = "abort"`.
    Abort,
    /// With the layouts of `repr(Rust)` types shuffled, which only a nightly compiler does.
    Randomized,
    /// `large` and `large-host`, with the allocator of the system.
    SystemAllocator,
    /// Plugins of `plugin-core` with its feature `tokio`.
    Tokio,
}

/// The crates in `fixtures/` that a build has only if it is made of them.
const WITH_SYSTEM_ALLOCATOR: [&str; 3] = ["large-api", "large", "large-host"];

/// As above: the feature would otherwise be that of all others, too.
const WITH_TOKIO: [&str; 5] = ["async-api", "tasks", "tasks-in-futures", "probe-api", "lifecycle"];

/// The crates in `fixtures/` that every other build has.
const FIXTURES: &[&str] = &[
    "probe-api",
    "probe",
    "lifecycle",
    "nested",
    "starting",
    "shapes",
    "objects-api",
    "objects",
    "large-api",
    "large",
    "values-api",
    "values",
    "async-api",
    "async-work",
];

/// Those whose point is not the compiler: only the usual build has them, as it has the variants.
const OF_THE_USUAL_BUILD: &[&str] = &[
    "changes",
    "changes-before",
    "changes-after",
    "graph-api",
    "graph",
    "growing-api",
    "growing-api-old",
    "growing",
    "growing-old",
    "reloads-api",
    "reloads",
    "reloads-bare",
    "reloads-other",
    "opener",
    "opener-other",
    "early-host",
    "store-api",
    "store-1-0",
    "store-1-1",
    "store-1-2",
];

/// The fixtures of which there are changed copies: the interface, the plugin, and the changes.
const VARIED: &[(&str, &str, &[Variant])] =
    &[("probe-api", "probe", VARIANTS), ("growing-api", "growing", GROWN), ("graph-api", "graph", REQUIRING)];

type Key = (Compiler, Profile);

/// The library of a fixture: `probe`, `lifecycle`, `nested`, or `probe-` or `growing-` and the name of a [`Variant`].
pub fn built(compiler: Compiler, profile: Profile, package: &str) -> PathBuf {
    static BUILT: LazyLock<Mutex<HashMap<Key, PathBuf>>> = LazyLock::new(Mutex::default);
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let directory = built.entry((compiler, profile)).or_insert_with_key(build).clone();
    directory.join(library_name(package))
}

/// Where the constructor of a fixture leaves its trace: in the workspace that its library was built from.
pub fn constructed(library: &Path, package: &str) -> PathBuf {
    let workspaces = library.ancestors().map(|directory| directory.join("workspace"));
    let workspace = workspaces.into_iter().find(|workspace| workspace.is_dir()).unwrap();
    workspace.join(package).join("constructed")
}

/// The library of a fixture that is built by itself, since what it turns on in `plugin-core` would hold for every plugin
/// that is built together with it.
pub fn built_alone(package: &str) -> PathBuf {
    build_alone(package, &target_directory(&(Compiler::Host, Profile::Unwind)))
}

/// The same with all that was built for the tests themselves, under a sanitizer even the standard library. For a fixture that
/// they do not depend on: cargo would give both libraries one name.
pub fn built_with_the_tests(package: &str) -> PathBuf {
    build_alone(package, &of_the_tests())
}

fn build_alone(package: &str, target: &Path) -> PathBuf {
    static BUILT: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let workspace = target.join("alone").join(package);
    for file in ["Cargo.toml", "src/lib.rs"] {
        let text = fs::read_to_string(fixtures().join(package).join(file)).unwrap();
        let workspace_table = if file == "Cargo.toml" {
            "\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n"
        } else {
            ""
        };
        write_if_changed(&workspace.join(file), &format!("{}{workspace_table}", beside_none(&text)));
    }
    pin_versions(&workspace);
    let mut cargo = cargo(&Compiler::Host);
    cargo.current_dir(&workspace).arg("build").arg("--target-dir").arg(target);
    run(&mut cargo);
    debug(target).join(library_name(package))
}

/// The library of `starting` under another name, from a linker that is given these arguments.
pub fn built_with(name: &str, link_arguments: &[&str]) -> PathBuf {
    static BUILT: Mutex<()> = Mutex::new(());
    let _one_at_a_time = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let target = target_directory(&(Compiler::Host, Profile::Unwind));
    let workspace = target.join("linked").join(name);
    let read = |file: &str| fs::read_to_string(fixtures().join("starting").join(file)).unwrap();
    let manifest = read("Cargo.toml").replace("name = \"starting\"", &format!("name = \"{name}\""));
    write_if_changed(
        &workspace.join("Cargo.toml"),
        &format!("{}\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n", beside_none(&manifest)),
    );
    write_if_changed(&workspace.join("src/lib.rs"), &read("src/lib.rs"));
    let lines = link_arguments
        .iter()
        .map(|argument| format!("    println!(\"cargo::rustc-cdylib-link-arg={{}}\", {argument:?});\n"));
    write_if_changed(
        &workspace.join("build.rs"),
        &format!("fn main() {{\n{}}}\n", lines.collect::<String>()),
    );
    pin_versions(&workspace);
    let mut cargo = cargo(&Compiler::Host);
    cargo.current_dir(&workspace).arg("build").arg("--target-dir").arg(&target);
    run(&mut cargo);
    debug(&target).join(library_name(name))
}

/// The library of one of the sample plugins, by this build's compiler.
pub fn sample(package: &str, compiler: &Compiler) -> PathBuf {
    let target = target_directory(&(compiler.clone(), Profile::Unwind));
    let mut cargo = cargo(compiler);
    cargo.current_dir(repository()).args(["build", "--package", package]).arg("--target-dir").arg(&target);
    run(&mut cargo);
    debug(&target).join(library_name(package))
}

/// The `plugin-host` program, by this build's compiler.
pub fn command_line() -> PathBuf {
    let target = target_directory(&(Compiler::Host, Profile::Unwind));
    let mut cargo = cargo(&Compiler::Host);
    cargo.current_dir(repository()).args(["build", "--package", "plugin-host", "--features", "cli"]);
    run(cargo.arg("--target-dir").arg(&target));
    debug(&target).join(format!("plugin-host{}", std::env::consts::EXE_SUFFIX))
}

/// The nightly compiler, if one is installed here that is not the tests' own.
pub fn nightly() -> Option<Compiler> {
    let version = Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]).output();
    is_another(version).then(|| Compiler::Toolchain("nightly".to_owned()))
}

/// Compilers besides the tests' own that are installed here: the nightly, and the system's.
pub fn other_compilers() -> Vec<Compiler> {
    let version = Command::new(SYSTEM_RUSTC).arg("-vV").output();
    let system = (is_another(version) && Path::new(SYSTEM_CARGO).exists()).then_some(Compiler::System);
    nightly().into_iter().chain(system).collect()
}

const SYSTEM_CARGO: &str = "/usr/bin/cargo";
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";

fn is_another(version: io::Result<Output>) -> bool {
    let here = plugin_core::Toolchain::CURRENT.rustc_commit;
    version.is_ok_and(|version| {
        version.status.success() && !String::from_utf8_lossy(&version.stdout).contains(here)
    })
}

/// A plain C library whose constructor writes the file `trace`; `None` where there is no C compiler.
pub fn c_library(output: &Path, trace: &Path) -> bool {
    let source = fixtures().join("plain-c/plain.c");
    let define = format!("-DTRACE=\"{}\"", trace.display());
    Command::new("cc")
        .args(["-shared", "-fPIC", &define, "-o"])
        .args([output, &source])
        .status()
        .is_ok_and(|status| status.success())
}

fn build(key: &Key) -> PathBuf {
    let (compiler, profile) = key;
    let workspace = generate(key);
    let target = target_directory(key);
    let mut cargo = cargo(compiler);
    cargo.current_dir(&workspace).args(["build", "--workspace"]).arg("--target-dir").arg(&target);
    match profile {
        Profile::SystemAllocator => {
            cargo.args(["--features", "large/system-allocator,large-host/system-allocator"])
        }
        Profile::Unwind | Profile::Tokio => &mut cargo,
        Profile::Abort => cargo.args(["--config", "profile.dev.panic=\"abort\""]),
        Profile::Randomized => cargo.env("CARGO_ENCODED_RUSTFLAGS", "-Zrandomize-layout"),
    };
    run(&mut cargo);
    debug(&target)
}

/// A workspace of the fixtures and their variants. Only the usual build needs the variants.
fn generate(key: &Key) -> PathBuf {
    let workspace = target_directory(key).join("workspace");
    let (varied, packages): (_, Vec<_>) = match key {
        (Compiler::Host, Profile::Unwind) => (VARIED, FIXTURES.iter().chain(OF_THE_USUAL_BUILD).collect()),
        (_, Profile::SystemAllocator) => (&[][..], WITH_SYSTEM_ALLOCATOR.iter().collect()),
        (_, Profile::Tokio) => (&[][..], WITH_TOKIO.iter().collect()),
        (_, Profile::Unwind | Profile::Abort | Profile::Randomized) => (&[][..], FIXTURES.iter().collect()),
    };
    for package in &packages {
        let (from, to) = (fixtures().join(package), workspace.join(package));
        let sources = fs::read_dir(from.join("src")).unwrap();
        let sources = sources.map(|file| Path::new("src").join(file.unwrap().file_name()));
        for file in sources.chain(["Cargo.toml".into()]) {
            let text = fs::read_to_string(from.join(&file)).unwrap();
            write_if_changed(&to.join(&file), &in_place(&text));
        }
    }
    let mut members = String::new();
    for (api, plugin, variants) in varied {
        for variant in *variants {
            write_variant(&workspace, api, plugin, variant);
            members.push_str(&format!("\"{api}-{0}\", \"{plugin}-{0}\", ", variant.name));
        }
    }
    let fixed: String = packages.iter().map(|name| format!("\"{name}\", ")).collect();
    // The types of `shapes` are read from its debug information; of the others, nobody reads more than lines.
    let shapes = match packages.contains(&&"shapes") {
        true => "\n[profile.dev.package.shapes]\ndebug = 2\n",
        false => "",
    };
    let manifest = format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{fixed}{members}]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n{shapes}"
    );
    write_if_changed(&workspace.join("Cargo.toml"), &manifest);
    pin_versions(&workspace);
    workspace
}

/// The versions that the repository was tested with. Cargo removes from the file what the workspace does not need.
fn pin_versions(workspace: &Path) {
    let versions = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    write_if_changed(&workspace.join("Cargo.lock"), &versions);
}

fn write_variant(
    workspace: &Path,
    api: &str,
    plugin: &str,
    Variant { name, edits, plugin_edits, refusal: _ }: &Variant,
) {
    let read = |file: String| fs::read_to_string(fixtures().join(file)).unwrap();
    let copy = format!("{api}-{name}");
    let text = edited(&read(format!("{api}/src/lib.rs")), edits, name);
    write_if_changed(&workspace.join(format!("{copy}/src/lib.rs")), &text);
    let manifest = read(format!("{api}/Cargo.toml")).replace(&format!("\"{api}\""), &format!("\"{copy}\""));
    let manifest = format!("{manifest}\n[lib]\nname = \"{}\"\n", api.replace('-', "_"));
    write_if_changed(&workspace.join(format!("{copy}/Cargo.toml")), &in_place(&manifest));

    let text = edited(&read(format!("{plugin}/src/lib.rs")), plugin_edits, name);
    write_if_changed(&workspace.join(format!("{plugin}-{name}/src/lib.rs")), &text);
    let manifest = read(format!("{plugin}/Cargo.toml"))
        .replace(&format!("name = \"{plugin}\""), &format!("name = \"{plugin}-{name}\""));
    let dependency = format!("{api} = {{ path = \"../{copy}\", package = \"{copy}\" }}");
    let lines = manifest.lines().map(|line| match line.starts_with(&format!("{api} = ")) {
        true => dependency.as_str(),
        false => line,
    });
    let manifest: String = lines.flat_map(|line| [line, "\n"]).collect();
    write_if_changed(&workspace.join(format!("{plugin}-{name}/Cargo.toml")), &in_place(&manifest));
}

/// A text after its edits, each of which must apply exactly once.
fn edited(text: &str, edits: &[(&str, &str)], name: &str) -> String {
    edits.iter().fold(text.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "variant {name}: {from:?}");
        text.replace(from, to)
    })
}

/// A manifest whose paths into the repository hold wherever it lies.
fn in_place(manifest: &str) -> String {
    manifest.replace("../../..", &repository().display().to_string())
}

/// The same for a fixture that is not in a workspace with others.
fn beside_none(manifest: &str) -> String {
    in_place(manifest).replace("\"../", &format!("\"{}/", fixtures().display()))
}

fn write_if_changed(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return;
    }
    // At once: another test's cargo may be reading it.
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let result: io::Result<()> = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(&new, text))
        .and_then(|()| fs::rename(&new, path));
    result.unwrap();
}

fn cargo(compiler: &Compiler) -> Command {
    match compiler {
        Compiler::Host => Command::new(env!("CARGO")),
        Compiler::Toolchain(name) => {
            let mut command = without_toolchain(Command::new("rustup"));
            command.args(["run", name, "cargo"]);
            command
        }
        Compiler::System => {
            let mut command = without_toolchain(Command::new(SYSTEM_CARGO));
            command.env("RUSTC", SYSTEM_RUSTC);
            command
        }
    }
}

/// What the outer cargo set for its own toolchain does not hold for another.
fn without_toolchain(mut command: Command) -> Command {
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
    command
}

/// Where cargo puts what it builds: in a directory of the target's own, where one is asked for by the environment.
fn debug(target: &Path) -> PathBuf {
    let triple = std::env::var_os("CARGO_BUILD_TARGET");
    triple.map_or_else(|| target.to_owned(), |triple| target.join(triple)).join("debug")
}

fn run(command: &mut Command) {
    let output = building(|| command.output()).unwrap();
    assert!(output.status.success(), "{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A program of a build.
pub fn program(compiler: Compiler, profile: Profile, package: &str) -> PathBuf {
    let library = built(compiler, profile, package);
    library.with_file_name(format!("{package}{}", std::env::consts::EXE_SUFFIX))
}

fn library_name(package: &str) -> String {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    format!("{DLL_PREFIX}{}{DLL_SUFFIX}", package.replace('-', "_"))
}

fn target_directory((compiler, profile): &Key) -> PathBuf {
    let compiler = match compiler {
        Compiler::Host => "host",
        Compiler::Toolchain(name) => name,
        Compiler::System => "system",
    };
    let profile = match profile {
        Profile::Unwind => "unwind",
        Profile::Abort => "abort",
        Profile::Randomized => "randomized",
        Profile::SystemAllocator => "system-allocator",
        Profile::Tokio => "tokio",
    };
    of_the_tests().join("fixtures").join(format!("{compiler}-{profile}"))
}

/// Where the tests themselves are built.
fn of_the_tests() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| repository().join("target"), PathBuf::from)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

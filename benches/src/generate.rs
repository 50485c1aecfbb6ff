//! Crates of any size, generated: an interface of so many methods over so many types, with and without the macros, and a
//! plugin of it.

use std::{
    fmt::{self, Write as _},
    fs,
    path::{Path, PathBuf},
};

use crate::Outcome;

/// How much there is of everything.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    /// Structs, which the first of them contains, one in another.
    pub(crate) types: usize,
    /// Methods of the interface, which mention the types by turns.
    pub(crate) methods: usize,
    /// Functions that the plugin exports.
    pub(crate) functions: usize,
}

impl Size {
    pub(crate) const ONE: Self = Self { types: 1, methods: 1, functions: 1 };
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.types, self.methods, self.functions)
    }
}

/// What a crate is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The types and a trait, without a macro.
    Plain,
    /// The same as an interface.
    Interface,
    /// The same, and a plugin that implements it.
    Plugin,
    /// Only the functions, as symbols of a library.
    Bare,
}

/// Writes a crate that is a workspace of its own, and returns its manifest. Its versions are those of a lock file.
pub(crate) fn write(
    directory: &Path,
    name: &str,
    kind: Kind,
    size: Size,
    repository: &Path,
) -> Outcome<PathBuf> {
    let root = directory.join(name);
    fs::create_dir_all(root.join("src"))?;
    let library = match kind {
        Kind::Plain | Kind::Interface => "",
        Kind::Plugin => "\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n",
        Kind::Bare => "\n[lib]\ncrate-type = [\"cdylib\"]\n",
    };
    let dependency = match kind {
        Kind::Plain | Kind::Bare => String::new(),
        Kind::Interface | Kind::Plugin => {
            format!("plugin-core = {{ path = {:?} }}\n", repository.join("plugin-core"))
        }
    };
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{library}
[profile.release]\ncodegen-units = 1\nlto = \"thin\"\nstrip = true\n\n[dependencies]\n{dependency}"
    );
    write_if_changed(&root.join("Cargo.toml"), &manifest)?;
    write_if_changed(&root.join("src/lib.rs"), &source(kind, size)?)?;
    let versions = fs::read_to_string(repository.join("benches/plugins/Cargo.lock"))?;
    fs::write(root.join("Cargo.lock"), versions)?;
    Ok(root.join("Cargo.toml"))
}

fn source(kind: Kind, Size { types, methods, functions }: Size) -> Outcome<String> {
    let mut source = String::from("//! Generated.\n\n");
    if kind == Kind::Bare {
        for number in 0..functions {
            writeln!(source, "#[unsafe(no_mangle)]\npub extern \"C\" fn f{number}(value: u64) -> u64 {{")?;
            writeln!(source, "    value.wrapping_add({number})\n}}")?;
        }
        return Ok(source);
    }
    let derive = if kind == Kind::Plain { "" } else { "#[derive(plugin_core::StableLayout)]\n" };
    for number in 0..types {
        writeln!(source, "{derive}#[repr(C)]\npub struct T{number} {{\n    pub value: u64,")?;
        // A tree: as deep as the logarithm, which the compiler's recursion limit allows for any number. The root contains all.
        for inner in [2 * number + 1, 2 * number + 2].into_iter().filter(|inner| *inner < types) {
            writeln!(source, "    pub t{inner}: T{inner},")?;
        }
        writeln!(source, "}}")?;
    }
    let interface = if kind == Kind::Plain { "" } else { "#[plugin_core::plugin_interface]\n" };
    writeln!(source, "\n{interface}pub trait Generated: Send + Sync {{")?;
    let signature = |number: usize| format!("fn m{number}(&self, value: &T{}) -> u64", number % types);
    for number in 0..methods {
        writeln!(source, "    {};", signature(number))?;
    }
    writeln!(source, "}}")?;
    if kind == Kind::Plugin {
        writeln!(source, "\n#[derive(Default)]\npub struct Plugin;\n\nimpl Generated for Plugin {{")?;
        for number in 0..methods {
            writeln!(source, "    {} {{ value.value }}", signature(number))?;
        }
        writeln!(source, "}}\n\n#[plugin_core::export_plugin]\npub mod plugin {{\n    use super::*;\n")?;
        writeln!(source, "    #[provides]\n    pub fn generated() -> impl Generated {{ Plugin }}\n")?;
        for number in 0..functions {
            writeln!(source, "    pub fn f{number}(value: u64) -> u64 {{ value.wrapping_add({number}) }}")?;
        }
        writeln!(source, "}}")?;
    }
    Ok(source)
}

fn write_if_changed(path: &Path, text: &str) -> Outcome<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    Ok(fs::write(path, text)?)
}

//! The workspace of the current directory, and the plugin crates in it.

mod remembered;

use std::{
    collections::{BTreeSet, HashMap},
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    path::{Path, PathBuf},
};

use cargo_metadata::{CrateType, DependencyKind, Metadata, MetadataCommand, Package, PackageId};

pub(crate) use remembered::Remembered;

use crate::error::TaskError;

pub(crate) struct Workspace(Metadata);

/// A member with a `cdylib` that depends on `plugin-core`.
#[derive(Debug, Clone)]
pub(crate) struct PluginCrate {
    pub(crate) package: String,
    pub(crate) id: PackageId,
    pub(crate) manifest: PathBuf,
    /// What its shared library is called, here and in the directory of the plugins.
    pub(crate) file: String,
}

impl Workspace {
    pub(crate) fn of_current_directory() -> Result<Self, TaskError> {
        Self::parse(&Self::ask()?)
    }

    /// What cargo says of the workspace, as JSON.
    pub(crate) fn ask() -> Result<String, TaskError> {
        // Without dependencies nothing is resolved, and nothing is downloaded.
        let output = MetadataCommand::new().no_deps().cargo_command().output();
        let output = output.map_err(|error| TaskError::Metadata(error.into()))?;
        let text = |bytes| String::from_utf8(bytes).map_err(|error| TaskError::Metadata(error.into()));
        if !output.status.success() {
            return Err(TaskError::Metadata(cargo_metadata::Error::CargoMetadata {
                stderr: text(output.stderr)?,
            }));
        }
        text(output.stdout)
    }

    fn parse(text: &str) -> Result<Self, TaskError> {
        let json = text.lines().find(|line| line.starts_with('{')).unwrap_or_default();
        MetadataCommand::parse(json).map(Self).map_err(TaskError::Metadata)
    }

    /// What cargo has said, for now and for the next time.
    pub(crate) fn said(text: &str) -> Result<Self, TaskError> {
        let workspace = Self::parse(text)?;
        remembered::remember(&workspace, text);
        Ok(workspace)
    }

    /// Its manifest, and those of its members.
    fn manifests(&self) -> BTreeSet<PathBuf> {
        let members =
            self.0.workspace_packages().into_iter().map(|member| member.manifest_path.clone().into());
        members.chain([self.root().join("Cargo.toml")]).collect()
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.workspace_root.as_std_path()
    }

    pub(crate) fn target_directory(&self) -> &Path {
        self.0.target_directory.as_std_path()
    }

    /// The directories that the workspace's sources are in: its members', those of what they depend on by path, and the
    /// workspace's own for its manifest and its lock file.
    pub(crate) fn source_directories(&self) -> BTreeSet<PathBuf> {
        let members = self.0.workspace_packages();
        let manifests = members.iter().filter_map(|member| member.manifest_path.parent());
        let by_path = members.iter().flat_map(|member| &member.dependencies);
        let by_path = by_path.filter_map(|dependency| dependency.path.as_deref());
        manifests.chain(by_path).map(|path| path.as_std_path().to_owned()).collect()
    }

    pub(crate) fn has_package(&self, name: &str) -> bool {
        self.0.workspace_packages().iter().any(|package| package.name == name)
    }

    /// Every plugin crate, by name.
    pub(crate) fn plugins(&self) -> Result<Vec<PluginCrate>, TaskError> {
        let mut plugins: Vec<_> = self.0.workspace_packages().into_iter().filter_map(plugin).collect();
        plugins.sort_by(|one, other| one.package.cmp(&other.package));
        if plugins.is_empty() {
            return Err(TaskError::NoPlugins { root: self.root().to_owned() });
        }
        let mut files = HashMap::new();
        for plugin in &plugins {
            if let Some(other) = files.insert(&plugin.file, &plugin.package) {
                return Err(TaskError::SameFile {
                    file: plugin.file.clone(),
                    packages: (other.clone(), plugin.package.clone()),
                });
            }
        }
        Ok(plugins)
    }
}

fn plugin(package: &Package) -> Option<PluginCrate> {
    let library = package
        .targets
        .iter()
        .find(|target| target.crate_types.contains(&CrateType::CDyLib) && !target.is_example())?;
    package
        .dependencies
        .iter()
        .find(|dependency| dependency.name == "plugin-core" && dependency.kind == DependencyKind::Normal)?;
    Some(PluginCrate {
        package: package.name.to_string(),
        id: package.id.clone(),
        manifest: package.manifest_path.clone().into(),
        file: format!("{DLL_PREFIX}{}{DLL_SUFFIX}", library.name.replace('-', "_")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_of_this_workspace_are_found_and_nothing_else() {
        let names: Vec<_> = Workspace::of_current_directory()
            .unwrap()
            .plugins()
            .unwrap()
            .into_iter()
            .map(|plugin| plugin.package)
            .collect();
        for plugin in [
            "codec-brotli",
            "codec-deflate",
            "codec-drifted",
            "codec-lz4",
            "codec-zstd",
            "format-json",
            "format-markdown",
            "format-toml",
            "greeter",
        ] {
            assert!(names.iter().any(|name| name == plugin), "{plugin} in {names:?}");
        }
        for other in
            ["plugin-core", "plugin-host", "codec-api", "codec-demo", "format", "format-faulty", "xtask"]
        {
            assert!(!names.iter().any(|name| name == other), "{other} in {names:?}");
        }
    }
}

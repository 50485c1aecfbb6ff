//! The formatters among the plugins of a host, and which of them knows which language.

use std::{collections::BTreeMap, path::Path};

use format_api::Formatter;
use plugin_host::{Host, OpenError, Root};

use crate::{
    error::{FileError, LoadError},
    others::Asked,
};

/// What formats each language.
#[derive(Debug, Clone)]
pub struct Formatters {
    by_language: BTreeMap<String, Root<dyn Formatter>>,
}

impl Formatters {
    /// Opens every formatter in the directories that the host trusts. Plugins that are no formatters are not loaded.
    ///
    /// With those that were refused: one plugin that does not fit is no reason to do without the others.
    ///
    /// # Errors
    ///
    /// If there is no formatter, or if two of them format the same language.
    pub fn discover(host: Host) -> Result<(Self, Vec<OpenError>), LoadError> {
        let host = host.expecting::<dyn Formatter>();
        let mut by_language = BTreeMap::new();
        let mut refused = Vec::new();
        for path in host.discover().map_err(LoadError::Discover)? {
            match open(&host, &path) {
                Ok(None) => {}
                Ok(Some(formatter)) => add(&mut by_language, &formatter)?,
                Err(error) => refused.push(error),
            }
        }
        if by_language.is_empty() {
            return Err(LoadError::NoFormatter { refused });
        }
        Ok((Self { by_language }, refused))
    }

    /// What formats a file of this name.
    #[must_use]
    pub fn of_file(&self, path: &Path) -> Option<&Root<dyn Formatter>> {
        self.of_language(path.extension()?.to_str()?)
    }

    /// What formats a language, however it is capitalised.
    #[must_use]
    pub fn of_language(&self, language: &str) -> Option<&Root<dyn Formatter>> {
        self.by_language.get(&language.trim().to_lowercase())
    }

    /// Every language that something formats, sorted.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.by_language.keys().map(String::as_str)
    }

    /// Formats the text of a file by one of these, and code in it by the others.
    ///
    /// # Errors
    ///
    /// Those of [`Formatter::format`]. Code that is not of its language is the formatter's affair; a formatter of code that
    /// fails otherwise is an error, whatever the one that asked for it makes of that.
    pub fn format(
        &self,
        formatter: &Root<dyn Formatter>,
        file: &Path,
        text: &str,
        line_width: Option<u32>,
    ) -> Result<Option<String>, FileError> {
        let asked = Asked::new(self);
        let formatted = formatter.format(&file.to_string_lossy(), text, line_width, &asked.others());
        match asked.defect() {
            Some(defect) => Err(defect),
            None => formatted.map_err(FileError::Format),
        }
    }
}

/// The formatter in a file; `None` if the plugin is none, which is seen without loading it.
fn open(host: &Host, path: &Path) -> Result<Option<Root<dyn Formatter>>, OpenError> {
    let verified = host.verify(path)?;
    if !verified.provides::<dyn Formatter>()? {
        return Ok(None);
    }
    Ok(Some(host.load(verified)?.root::<dyn Formatter>()?))
}

fn add(
    by_language: &mut BTreeMap<String, Root<dyn Formatter>>,
    formatter: &Root<dyn Formatter>,
) -> Result<(), LoadError> {
    for language in formatter.languages() {
        let language = language.to_lowercase();
        if let Some(other) = by_language.get(&language) {
            let plugins = (other.plugin().to_string(), formatter.plugin().to_string());
            return Err(LoadError::Ambiguous { language, plugins });
        }
        by_language.insert(language, formatter.clone());
    }
    Ok(())
}

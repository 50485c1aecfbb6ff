//! Why something failed, as text that is written when it is first read.

use std::{
    error::Error,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use crate::{
    error::{OpenError, report},
    refusal::Refusal,
};

/// Why a plugin was refused, or failed, with every cause; empty if it was not. It is a `str`.
///
/// The words for a refusal are found when somebody reads them.
#[derive(Clone, Default)]
pub struct Reason(Option<Arc<Why>>);

struct Why {
    refusal: Option<Refusal>,
    text: OnceLock<String>,
}

impl Reason {
    /// What an open failed by.
    pub(crate) fn of(error: &OpenError) -> Self {
        match error {
            OpenError::Refused(refusal) => {
                Self(Some(Arc::new(Why { refusal: Some(refusal.clone()), text: OnceLock::new() })))
            }
            other => Self::said(other),
        }
    }

    /// What anything else failed by.
    pub(crate) fn said(error: &dyn Error) -> Self {
        Self(Some(Arc::new(Why { refusal: None, text: OnceLock::from(report(error).to_string()) })))
    }
}

impl Deref for Reason {
    type Target = str;

    fn deref(&self) -> &str {
        let Some(why) = &self.0 else {
            return "";
        };
        let Why { refusal, text } = &**why;
        text.get_or_init(|| refusal.as_ref().map(Refusal::to_string).unwrap_or_default())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl PartialEq for Reason {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Reason {}

//! Handing the state of one generation to the next.

use std::{
    thread,
    time::{Duration, Instant},
};

use plugin_core::{
    __private::{Address, Fallible, RResult, SavedState},
    RootModule,
    descriptor::Head,
};

use super::{ReloadError, Tenure};
use crate::{
    plugin::Plugin,
    slot::{Line, Pause},
};

/// How often somebody looks whether a call has returned.
const GLANCE: Duration = Duration::from_micros(50);

/// Holds calls through the slots back, and waits until none runs any more.
pub(super) fn hold_calls<'l>(
    old: &Plugin,
    line: Option<&'l Line<Tenure>>,
    at_most: Duration,
) -> Result<Option<Pause<'l, Tenure>>, ReloadError> {
    let pause = line.and_then(Line::pause);
    let start = Instant::now();
    while pause.as_ref().is_some_and(|pause| !pause.is_quiet()) {
        if start.elapsed() > at_most {
            return Err(ReloadError::Busy { plugin: old.to_string(), waited: at_most });
        }
        thread::sleep(GLANCE);
    }
    Ok(pause)
}

/// Saves the state of the old generation, and restores it in the new one.
///
/// # Safety
///
/// `save` and `restore` are indices into the states of the old and of the new descriptor, and their types fit; `root` is the
/// root module that the new descriptor describes.
pub(super) unsafe fn hand_over(
    old: &Plugin,
    save: usize,
    (root, new): (&RootModule, &Head<'_>),
    restore: usize,
) -> Result<(), ReloadError> {
    let loaded = old.loaded();
    let save = address(loaded.root, &loaded.head, save);
    let restore = address(root, new, restore);
    let (Some(save), Some(restore)) = (save, restore) else {
        // The root modules were found to have an address for each.
        return Ok(());
    };
    // SAFETY: the address of a `#[save]`, as the caller says.
    let saved = finish(unsafe { SavedState::save(save) }, old.to_string(), "#[save]", |plugin, message| {
        ReloadError::Save { plugin, message }
    })?;
    let plugin = format!("{} {}", new.name, new.version);
    // SAFETY: the address of a `#[restore]`, whose type fits that of the state, as the caller says.
    let restored = unsafe { saved.restore(restore) };
    finish(restored, plugin, "#[restore]", |plugin, message| ReloadError::Restore { plugin, message })
}

/// The addresses of what saves and restores follow those of the symbols.
fn address(root: &RootModule, head: &Head<'_>, state: usize) -> Option<Address> {
    root.symbols().get(head.symbols().len() + state).copied()
}

fn finish<T>(
    outcome: Fallible<T>,
    plugin: String,
    step: &'static str,
    failed: impl FnOnce(String, String) -> ReloadError,
) -> Result<T, ReloadError> {
    match outcome.into_result() {
        Ok(RResult::ROk(value)) => Ok(value),
        Ok(RResult::RErr(message)) => Err(failed(plugin, message.into())),
        Err(source) => Err(ReloadError::Panicked { plugin, step, source }),
    }
}

//! Starting a plugin: `#[init]`, then an object of each interface that may be shared. What was done is undone when a
//! later step fails, so that the plugin can be opened again.

mod turn;

use std::time::{Duration, Instant};

use plugin_core::{
    __private::{Fallible, RResult},
    Context, PluginPanic, RawObject, RootModule,
    descriptor::Head,
};

pub(crate) use turn::waiting_for;

use crate::{
    error::OpenError,
    holders::{Waiting, is_linked, threads},
    linked, logs,
};
use turn::Turn;

/// How long a start that failed waits for what it started: the plugin's runtime, whose tasks may not yield, and its threads.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the plugin, unless another copy of this crate has, and returns its shared objects: one for each provided
/// interface whose objects are `Send` and `Sync`; `None` if it was shut down. `outer` is the plugin whose start opens this one,
/// `then` the last step of a start.
///
/// # Safety
///
/// `root` is the root module that `head` describes.
pub(crate) unsafe fn start<E: From<OpenError>>(
    root: &'static RootModule,
    head: &Head<'static>,
    context: &'static Context,
    outer: Option<&'static RootModule>,
    is_linked: bool,
    then: impl FnOnce(&RootModule, &Head<'_>) -> Result<(), E>,
) -> Result<Option<Vec<Option<RawObject>>>, E> {
    let plugin = format!("{} {}", head.name, head.version);
    let (turn, _opens) = turn::take(root, context, outer)?;
    let claim = match turn {
        Turn::Ours(claim) => Some(claim),
        Turn::Started => None,
        Turn::Ended => return Ok(None),
    };
    if is_linked {
        linked::hold();
    } else {
        // What is linked logs to this program's logger already.
        logs::connect(root, head.name);
    }
    let mut progress = Progress {
        root,
        context,
        is_ours: claim.is_some(),
        is_linked,
        is_initialised: false,
        objects: Vec::new(),
        is_done: false,
    };
    root.prepare(is_linked);
    if let (Some(init), Some(_)) = (root.init(), &claim) {
        // SAFETY: the root module is the verified one, so this is its `#[init]`, which takes the context.
        finish(unsafe { init(context) }, &plugin, "#[init]", |message| OpenError::Init {
            plugin: plugin.clone(),
            message,
        })?;
        progress.is_initialised = true;
    }
    for (interface, construct) in head.provides().zip(root.constructors()) {
        if !(interface.is_send && interface.is_sync) {
            progress.objects.push(None);
            continue;
        }
        let step = format!("the constructor of `{}`", interface.id);
        // SAFETY: as for init; constructors are in the order of the provided interfaces.
        let object = finish(unsafe { construct(context) }, &plugin, &step, |message| {
            OpenError::Constructor { plugin: plugin.clone(), interface: interface.id.to_owned(), message }
        })?;
        progress.objects.push(Some(object));
    }
    if let Some(claim) = claim {
        then(root, head)?;
        claim.done();
    }
    Ok(Some(progress.into_objects()))
}

/// What a start has done so far; dropped, it undoes it: objects in reverse, then `#[shutdown]` if `#[init]` ran, then the
/// plugin's runtime.
struct Progress {
    root: &'static RootModule,
    context: &'static Context,
    /// Nobody else has started the plugin, so nobody else uses it.
    is_ours: bool,
    /// It uses what linked plugins share.
    is_linked: bool,
    is_initialised: bool,
    objects: Vec<Option<RawObject>>,
    is_done: bool,
}

impl Progress {
    fn into_objects(mut self) -> Vec<Option<RawObject>> {
        self.is_done = true;
        let objects = core::mem::take(&mut self.objects);
        // They are the plugin's for ever: who uses one holds a `Root` of it.
        objects.iter().flatten().for_each(|object| object.uncount());
        objects
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        for object in self.objects.drain(..).rev().flatten() {
            // SAFETY: made by this start, and given to nobody yet. A panic in it changes nothing about the first error.
            let _ = unsafe { object.destroy() };
        }
        // Of a plugin that is linked in they are those of all that is.
        let stops_threads = self.is_ours && !is_linked(self.root);
        if stops_threads {
            self.root.ledger().stop(false);
        }
        if let Some(shutdown) = self.root.shutdown()
            && self.is_initialised
        {
            // SAFETY: the root module's own function, which takes the context. As above for what it reports.
            let _ = unsafe { shutdown(self.context) }.into_result();
        }
        if self.is_linked {
            let _ = linked::release(|| _ = self.root.stop_runtime(false, PATIENCE).into_result());
        } else if stops_threads {
            let deadline = Instant::now().checked_add(PATIENCE);
            let _ = self.root.stop_runtime(false, PATIENCE).into_result();
            // What does not stop is a holder of the plugin, once that is open.
            let _ = Waiting::new(self.root).until_empty(deadline, || threads(self.root));
        }
    }
}

/// The value of a step, or why it failed.
fn finish<T>(
    outcome: Fallible<T>,
    plugin: &str,
    step: &str,
    failed: impl FnOnce(String) -> OpenError,
) -> Result<T, OpenError> {
    let panicked = |source: PluginPanic| OpenError::Panicked {
        plugin: plugin.to_owned(),
        step: step.to_owned(),
        source,
    };
    match outcome.into_result().map_err(panicked)? {
        RResult::ROk(value) => Ok(value),
        RResult::RErr(message) => Err(failed(message.into())),
    }
}

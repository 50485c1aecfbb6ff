//! Whose turn it is to start a plugin, where several copies of this crate are in one process: that of the host, and those
//! of plugins that are hosts themselves.
//!
//! The copies share nothing but the root modules of the plugins that they open. Each of those says which thread starts it,
//! and which plugin its start is opening just now, so that each copy can see a cycle that leads through others.
#![forbid(unsafe_code)]

use std::{ptr, time::Duration};

use plugin_core::{
    __private::{Begin, Opens, Start},
    Context, RootModule,
};

use crate::{error::OpenError, registry::CycleStep, thread};

/// How often a thread looks what it waits for: nobody in another copy can wake it.
const LOOK: Duration = Duration::from_millis(2);

/// What there is to do for a plugin.
pub(super) enum Turn {
    /// To start it.
    Ours(Start),
    /// Nothing: another copy has started it.
    Started,
    /// Nothing: another copy has shut it down.
    Ended,
}

/// Claims the start of a plugin, after whoever is at it. `outer` is the plugin whose start opens this one, as far as this
/// copy knows. While the second result lives, those who wait for `outer` wait for this one, too.
pub(super) fn take(
    root: &'static RootModule,
    context: &'static Context,
    outer: Option<&'static RootModule>,
) -> Result<(Turn, Option<Opens>), OpenError> {
    let thread = thread::number();
    let opens = outer_of(outer, thread).map(|outer| outer.set_opens(root));
    loop {
        let turn = match root.begin(thread, context) {
            Begin::Now(start) => Turn::Ours(start),
            Begin::Done => Turn::Started,
            Begin::Ended => Turn::Ended,
            Begin::UnderWay => match cycle(root, thread) {
                Some(cycle) => return Err(OpenError::Cycle { cycle }),
                None => {
                    std::thread::sleep(LOOK);
                    continue;
                }
            },
        };
        return Ok((turn, opens));
    }
}

/// For a thread that waits in this copy for `awaited`: says so to the other copies, and returns the cycle if there is one.
///
/// If this copy knows of a cycle by itself, the thread does not wait. What is returned then is the whole of it.
pub(crate) fn waiting_for(
    awaited: &'static RootModule,
    outer: Option<&'static RootModule>,
    is_cycle: bool,
    opens: &mut Option<Opens>,
) -> Option<Vec<CycleStep>> {
    let thread = thread::number();
    if opens.is_none() {
        *opens = outer_of(outer, thread).map(|outer| outer.set_opens(awaited));
    }
    opens.as_ref()?;
    if is_cycle {
        let (cycle, _) = chain(awaited, thread)?;
        *opens = None;
        return Some(cycle);
    }
    cycle(awaited, thread)
}

/// The innermost plugin that this thread is starting, from one that is further out, else from that of this very library.
fn outer_of(known: Option<&'static RootModule>, thread: u64) -> Option<&'static RootModule> {
    let starts_it = |root: &&RootModule| root.starting_thread() == Some(thread);
    let mut outer = known.filter(starts_it).or_else(|| RootModule::own().filter(starts_it))?;
    while let Some(inner) = outer.opens().filter(starts_it) {
        outer = inner;
    }
    Some(outer)
}

/// What would wait for itself if `thread` waited for the start of a plugin. Of several threads that wait for each other, one
/// is told.
fn cycle(of: &'static RootModule, thread: u64) -> Option<Vec<CycleStep>> {
    let (cycle, teller) = chain(of, thread)?;
    (teller == thread).then_some(cycle)
}

/// The cycle through a plugin that is being started, and the thread that is to tell of it.
fn chain(of: &'static RootModule, thread: u64) -> Option<(Vec<CycleStep>, u64)> {
    let mut chain: Vec<(&RootModule, u64)> = Vec::new();
    let mut root = of;
    let teller = loop {
        let starter = root.starting_thread()?;
        chain.push((root, starter));
        match root.opens() {
            Some(next) if ptr::eq(next, of) => {
                break chain.iter().max_by_key(|(root, _)| ptr::from_ref(*root).addr())?.1;
            }
            Some(next) if chain.iter().any(|(seen, _)| ptr::eq(*seen, next)) => return None,
            Some(next) => root = next,
            // This thread starts it, by a way that no copy can see.
            None if starter == thread => break thread,
            None => return None,
        }
    };
    Some((chain.into_iter().map(|(root, _)| CycleStep::of(root)).collect(), teller))
}

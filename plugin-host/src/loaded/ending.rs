//! How a library comes to its end: closed to new holders first, and open again if those that there are do not let go.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering::SeqCst;

use super::{Hosts, Loaded};
use crate::view::View;

/// How far the end has come, for all hosts.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    #[default]
    Open,
    /// Somebody waits for the holders.
    Closing,
    /// Nobody holds anything, and somebody stops the plugin.
    Stopping,
    /// `#[shutdown]` ran, and threads go on.
    Unfinished,
    Done,
}

impl End {
    /// Whether hosts that open it find it shut down.
    pub(super) fn is_final(self) -> bool {
        match self {
            Self::Open | Self::Closing => false,
            Self::Stopping | Self::Unfinished | Self::Done => true,
        }
    }
}

impl Hosts {
    /// Whether one has the library open.
    pub(super) fn is_open(&self) -> bool {
        self.views.iter().any(|view| !view.is_shut_down() && view.handles.any())
    }
}

/// What a shutdown in one host is to do.
pub(crate) enum Release {
    /// Nothing more: other hosts have the plugin open, or other copies of this crate.
    Elsewhere,
    /// Wait for the holders, and then stop the plugin.
    Last,
    /// Wait for the threads that were left.
    Again,
    /// Leave it to somebody who is at it.
    UnderWay,
    /// It was shut down before.
    Twice,
}

impl Hosts {
    /// Whether other hosts than one have the library open.
    fn has_others(&self, view: &View) -> bool {
        let mut others = self.views.iter().filter(|other| !std::ptr::eq(**other, view));
        others.any(|other| !other.is_shut_down() && other.handles.any())
    }
}

impl Loaded {
    /// Takes the plugin from one host. If that is the last one that had it open, the plugin is closed, and the caller goes
    /// on to [reopen](Self::reopen) or [commit](Self::commit).
    pub(crate) fn release(&self, view: &View) -> Release {
        let release = self.release_here(view, self.is_open_in_another_copy());
        if !matches!(release, Release::Elsewhere) || self.is_open_in_another_copy() {
            return release;
        }
        // The last host of another copy may have let go at the same moment, each because of the other.
        let mut hosts = self.hosts();
        if hosts.end != End::Open || hosts.is_open() {
            return release;
        }
        view.set_shut_down(false);
        self.close(&mut hosts)
    }

    fn release_here(&self, view: &View, is_open_in_another_copy: bool) -> Release {
        let mut hosts = self.hosts();
        match (hosts.end, view.is_shut_down()) {
            (End::Closing, _) if view.is_replaced() => {
                // Its host does not come back to it, whatever becomes of the holders.
                view.set_shut_down(true);
                Release::UnderWay
            }
            (End::Closing | End::Stopping, _) => Release::UnderWay,
            (End::Unfinished, _) => {
                hosts.end = End::Stopping;
                Release::Again
            }
            (End::Open, true) | (End::Done, _) => Release::Twice,
            (End::Open, false) => {
                if is_open_in_another_copy || hosts.has_others(view) {
                    view.set_shut_down(true);
                    return Release::Elsewhere;
                }
                self.close(&mut hosts)
            }
        }
    }

    fn close(&self, hosts: &mut Hosts) -> Release {
        hosts.end = End::Closing;
        self.is_closed.store(true, SeqCst);
        Release::Last
    }

    /// Gives objects again; or stays closed, and returns false, if the host has gone over to a newer generation meanwhile and
    /// nobody else has this one open. Then the caller [retires](crate::slot::Retirement::retire) it.
    pub(crate) fn reopen(&self, view: &View) -> bool {
        let is_open_in_another_copy = self.is_open_in_another_copy();
        let mut hosts = self.hosts();
        if view.is_replaced() {
            view.set_shut_down(true);
        }
        let is_wanted = !view.is_shut_down() || is_open_in_another_copy || hosts.has_others(view);
        if is_wanted {
            self.reopen_under(&mut hosts);
        }
        is_wanted
    }

    /// Under one lock, or what another shutdown has closed meanwhile would be open.
    fn reopen_under(&self, hosts: &mut Hosts) {
        hosts.end = End::Open;
        self.is_closed.store(false, SeqCst);
    }

    /// Takes the plugin from the host for good, and says whether it is to be stopped, from where there is no way back: not if
    /// another host has opened it while this one waited, nor if another copy of this crate was first. `None` if a reload from it
    /// has begun since somebody looked for holders.
    pub(crate) fn commit(&self, view: &View) -> Option<bool> {
        let mut hosts = self.hosts();
        if self.tallies.reloads.any() {
            return None;
        }
        view.set_shut_down(true);
        if hosts.has_others(view) {
            self.reopen_under(&mut hosts);
            return Some(false);
        }
        let is_ours = self.root.end();
        hosts.end = if is_ours { End::Stopping } else { End::Done };
        Some(is_ours)
    }

    /// Counts somebody who goes over to another generation, unless the plugin is stopped, or was: nobody stops it meanwhile.
    pub(crate) fn begin_reload(&self) -> Option<Reloading<'_>> {
        // Under the lock, under which an end is decided.
        let hosts = self.hosts();
        if hosts.end.is_final() || self.root.has_ended() {
            return None;
        }
        self.tallies.reloads.out();
        Some(Reloading(self))
    }

    /// As [`commit`](Self::commit), for a generation that was replaced: it ends for whoever has opened it meanwhile, too.
    pub(crate) fn commit_for_all(&self) {
        let mut hosts = self.hosts();
        self.root.end();
        hosts.end = End::Stopping;
        hosts.views.iter().for_each(|view| view.set_shut_down(true));
    }

    /// `#[shutdown]` ran; a later shutdown waits for threads that are left.
    pub(crate) fn finish(&self, is_done: bool) {
        self.hosts().end = if is_done { End::Done } else { End::Unfinished };
        if is_done {
            self.end_uses();
        }
    }

    /// Counts somebody who asks for an object, unless the plugin gives no more.
    pub(crate) fn ask(&self) -> Option<Asking<'_>> {
        // Counted first: either the closing thread sees this, or this sees that it is closed.
        let asking = Asking::new(self);
        (!self.is_closed.load(SeqCst) && !self.root.has_ended()).then_some(asking)
    }
}

/// Somebody who goes over to another generation.
pub(crate) struct Reloading<'l>(&'l Loaded);

impl Drop for Reloading<'_> {
    fn drop(&mut self) {
        self.0.tallies.reloads.back();
    }
}

/// Somebody who asks for an object.
pub(crate) struct Asking<'l>(&'l Loaded);

impl<'l> Asking<'l> {
    fn new(loaded: &'l Loaded) -> Self {
        loaded.tallies.asking.out();
        Self(loaded)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.tallies.asking.back();
    }
}

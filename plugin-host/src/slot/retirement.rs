//! The end of something that others hold: exactly once, by whoever sees that nobody is left.
//!
//! Holders are counted in several places, so nobody sees a count become zero. Instead, whoever lets go, and whoever retires it,
//! looks for who is left, after its own step is there for all to see. Of two who do so at the same time at least one sees
//! both steps, since all of them are in one order.
#![forbid(unsafe_code)]

use std::sync::atomic::Ordering::SeqCst;

use super::sync::AtomicBool;

/// Whether something is to end when nobody holds it, and whether it did.
#[derive(Debug, Default)]
pub(crate) struct Retirement {
    is_retired: AtomicBool,
    has_ended: AtomicBool,
    is_awaited: AtomicBool,
}

/// Who is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    Nobody,
    /// Holders who look themselves when they let go.
    Watchful,
    /// Only such as do not.
    Others,
}

/// What whoever looked has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    Nothing,
    /// End it.
    End,
    /// Have somebody wait for those who are left, and [claim](Retirement::claim) the end then.
    Wait,
}

impl Retirement {
    /// It is to end, and no new holders come. To be asked by whoever has just said so.
    pub(crate) fn retire(&self, left: impl FnOnce() -> Left) -> Duty {
        self.is_retired.store(true, SeqCst);
        self.look(left)
    }

    /// To be asked by a watchful holder that has just let go.
    #[inline]
    pub(crate) fn let_go(&self, left: impl FnOnce() -> Left) -> Duty {
        if self.is_retired() { self.look(left) } else { Duty::Nothing }
    }

    /// Whether it is to end.
    pub(crate) fn is_retired(&self) -> bool {
        self.is_retired.load(SeqCst)
    }

    fn look(&self, left: impl FnOnce() -> Left) -> Duty {
        match left() {
            Left::Nobody if self.claim() => Duty::End,
            Left::Others if !self.is_awaited.swap(true, SeqCst) => Duty::Wait,
            Left::Nobody | Left::Watchful | Left::Others => Duty::Nothing,
        }
    }

    /// Whether the caller is the one to end it.
    pub(crate) fn claim(&self) -> bool {
        !self.has_ended.swap(true, SeqCst)
    }
}

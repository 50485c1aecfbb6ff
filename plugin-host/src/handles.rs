//! Counts handles without a memory location that all threads write to.
#![forbid(unsafe_code)]

use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release},
};

const SHARDS: usize = 8;

/// How many handles there are on something. Taking and giving back a handle writes to a cache line that few threads share;
/// only the question whether there are any reads all of them.
#[derive(Debug, Default)]
pub(crate) struct Handles([Shard; SHARDS]);

/// Both only grow: a handle may be given back by another thread than the one that took it.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Shard {
    taken: AtomicU64,
    given_back: AtomicU64,
}

impl Handles {
    pub(crate) fn take(&self) {
        self.shard(|shard| shard.taken.fetch_add(1, Relaxed));
    }

    pub(crate) fn give_back(&self) {
        // Whoever sees this also sees that the handle was taken.
        self.shard(|shard| shard.given_back.fetch_add(1, Release));
    }

    /// Whether there are handles. `false` is final if nobody can take one without having one.
    pub(crate) fn any(&self) -> bool {
        // In this order: each handle that was counted as given back is counted as taken, too, so that both sums are equal
        // only if there was a moment in between without handles.
        let given_back: u64 = self.0.iter().map(|shard| shard.given_back.load(Acquire)).sum();
        let taken: u64 = self.0.iter().map(|shard| shard.taken.load(Relaxed)).sum();
        taken != given_back
    }

    fn shard(&self, count: impl FnOnce(&Shard) -> u64) {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static OWN: usize = NEXT.fetch_add(1, Relaxed) % SHARDS;
        }
        if let Some(shard) = self.0.get(OWN.with(|own| *own)) {
            count(shard);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_are_counted_whoever_gives_them_back() {
        let handles = Handles::default();
        assert!(!handles.any());
        std::thread::scope(|scope| {
            for _ in 0..SHARDS + 1 {
                scope.spawn(|| (0..1000).for_each(|_| handles.take()));
            }
        });
        std::thread::scope(|scope| {
            scope.spawn(|| (0..1000 * (SHARDS + 1) - 1).for_each(|_| handles.give_back()));
        });
        assert!(handles.any());
        handles.give_back();
        assert!(!handles.any());
    }

    /// There is always a handle, but never one that stays: each thread takes one before it gives back the last.
    #[test]
    fn a_handle_that_wanders_is_always_seen() {
        let handles = Handles::default();
        handles.take();
        let done = std::sync::atomic::AtomicBool::new(false);
        let ((to_one, one), (to_other, other)) = (std::sync::mpsc::channel(), std::sync::mpsc::channel());
        to_one.send(()).unwrap();
        std::thread::scope(|scope| {
            for (receive, send) in [(one, to_other), (other, to_one)] {
                let (handles, done) = (&handles, &done);
                scope.spawn(move || {
                    while !done.load(Relaxed) && receive.recv().is_ok() {
                        handles.take();
                        handles.give_back();
                        let _ = send.send(());
                    }
                });
            }
            let seen = (0..10_000).all(|_| handles.any());
            done.store(true, Relaxed);
            assert!(seen);
        });
    }
}

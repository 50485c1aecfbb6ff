//! Two clocks: the wall's, and that of the thread's CPU time, which neither waits nor other processes move.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds by the wall that something takes.
pub(crate) fn wall<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed().as_secs_f64() * 1e9, value)
}

/// Nanoseconds of this thread's CPU time that something takes.
pub(crate) fn cpu<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = thread_time();
    let value = work();
    ((thread_time().saturating_sub(start)).as_secs_f64() * 1e9, value)
}

fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

//! Which thread this is, for all copies of this crate in the process: the standard library numbers threads in each.

/// The system's number of this thread; never 0.
#[cfg(unix)]
pub(crate) fn number() -> u64 {
    // SAFETY: has no conditions, and cannot fail.
    let thread = unsafe { libc::pthread_self() };
    thread as usize as u64
}

/// The system's number of this thread; never 0.
#[cfg(windows)]
pub(crate) fn number() -> u64 {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        safe fn GetCurrentThreadId() -> u32;
    }
    u64::from(GetCurrentThreadId())
}

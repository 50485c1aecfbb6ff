//! `SystemTime`: seconds since 1970, rounded down, and nanoseconds after them.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Crossing, forms::SystemTimeForm};
use crate::abi::Tuple2;

const NANOS: u32 = 1_000_000_000;

// SAFETY: two numbers, read with checks.
unsafe impl Crossing for SystemTime {
    type Abi = SystemTimeForm;

    fn into_abi(self) -> Self::Abi {
        let (seconds, nanos) = match self.duration_since(UNIX_EPOCH) {
            Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), after.subsec_nanos()),
            Err(error) => {
                let before = error.duration();
                let seconds = 0_i64.checked_sub_unsigned(before.as_secs()).unwrap_or(i64::MIN);
                match before.subsec_nanos() {
                    0 => (seconds, 0),
                    nanos => (seconds.saturating_sub(1), NANOS - nanos),
                }
            }
        };
        SystemTimeForm(Tuple2(seconds, nanos))
    }

    /// Nanoseconds of a second or more, which no sender of ours makes, are the last one of their second. A time that this
    /// platform cannot tell is 1970: both sides have the same target, so no sender has one.
    unsafe fn from_abi(abi: Self::Abi) -> Self {
        let SystemTimeForm(Tuple2(seconds, nanos)) = abi;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let second = if seconds < 0 { UNIX_EPOCH.checked_sub(whole) } else { UNIX_EPOCH.checked_add(whole) };
        let nanos = Duration::from_nanos(u64::from(nanos.min(NANOS - 1)));
        second.and_then(|second| second.checked_add(nanos)).unwrap_or(UNIX_EPOCH)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn received(seconds: i64, nanos: u32) -> SystemTime {
        // SAFETY: every pair of numbers may be received: nothing is believed of them.
        unsafe { SystemTime::from_abi(SystemTimeForm(Tuple2(seconds, nanos))) }
    }

    #[test]
    fn hostile_numbers_are_times() {
        let last = Duration::from_nanos(999_999_999);
        assert_eq!(received(0, u32::MAX), UNIX_EPOCH + last);
        assert_eq!(received(-1, u32::MAX), UNIX_EPOCH - Duration::from_nanos(1));
        for seconds in [i64::MIN, i64::MAX] {
            let _ = received(seconds, u32::MAX);
        }
    }

    #[test]
    fn a_time_is_rounded_down_to_its_second() {
        let SystemTimeForm(Tuple2(seconds, nanos)) = (UNIX_EPOCH - Duration::from_nanos(1)).into_abi();
        assert_eq!((seconds, nanos), (-1, 999_999_999));
    }
}

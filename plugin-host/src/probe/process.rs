//! Runs a process with a limit on its time and on what is kept of its output.
#![forbid(unsafe_code)]

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

/// How much of the end of each output is kept.
const KEPT: usize = 4096;

/// What was written just before the end may still be on its way; a child of the process may keep a pipe open for ever.
const GRACE: Duration = Duration::from_millis(500);

/// What came of a process.
pub(super) struct Ended {
    /// `None` if it took too long, and was ended.
    pub(super) status: Option<ExitStatus>,
    /// The end of its standard output.
    pub(super) output: String,
    /// The end of its standard error.
    pub(super) errors: String,
}

pub(super) fn run(mut command: Command, limit: Duration) -> io::Result<Ended> {
    // What it starts itself is ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let output = child.stdout.take().map(keep_the_end);
    let errors = child.stderr.take().map(keep_the_end);
    let has_ended = ends_within(&mut child, limit);
    let status = end(&mut child);
    let text = |end: Option<Receiver<Vec<u8>>>| {
        let bytes = end.and_then(|end| end.recv_timeout(GRACE).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let status = if has_ended? { Some(status?) } else { None };
    Ok(Ended { status, output: text(output), errors: text(errors) })
}

/// Whether the process comes to its end in time.
fn ends_within(child: &mut Child, limit: Duration) -> io::Result<bool> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        if has_ended(child)? {
            return Ok(true);
        }
        let Some(left) = limit.checked_sub(start.elapsed()) else {
            return Ok(false);
        };
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Whether the process has ended. It is not reaped, or its number, which is that of its group too, could be another's when the
/// group is ended.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(Pid::from_child(child)), options)?.is_some())
}

/// Whether the process has ended.
#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> io::Result<bool> {
    Ok(child.try_wait()?.is_some())
}

/// Ends the process, and what it has started.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    #[cfg(unix)]
    // Whether anything is left of the group does not matter.
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    let _ = child.kill();
    child.wait()
}

/// Reads all of an output, so that its writer never waits, and sends the last part of it.
fn keep_the_end(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (send, receive) = channel();
    thread::spawn(move || {
        let (mut kept, mut buffer) = (Vec::new(), vec![0; KEPT]);
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            kept.extend_from_slice(buffer.get(..read).unwrap_or_default());
            let surplus = kept.len().saturating_sub(KEPT);
            kept.drain(..surplus);
        }
        // Nobody waits for it any more if it took too long.
        let _ = send.send(kept);
    });
    receive
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::{path::PathBuf, process::Stdio};

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdout(Stdio::piped());
        command
    }

    #[test]
    fn a_process_that_has_ended_keeps_its_number_until_its_group_is_ended() {
        let mut child = shell("exit 3").spawn().unwrap();
        assert!(ends_within(&mut child, Duration::from_secs(60)).unwrap());
        assert!(PathBuf::from(format!("/proc/{}", child.id())).exists());
        assert_eq!(end(&mut child).unwrap().code(), Some(3));
    }

    /// What it leaves behind keeps the pipe open, so that its output is known only once that has ended, too.
    #[test]
    fn what_a_process_leaves_behind_is_ended() {
        let ended = run(shell("sleep 1000 & echo left; exit 3"), Duration::from_secs(60)).unwrap();
        assert_eq!((ended.status.and_then(|status| status.code()), &*ended.output), (Some(3), "left\n"));
        assert!(run(shell("sleep 1000"), Duration::from_millis(10)).unwrap().status.is_none());
    }
}

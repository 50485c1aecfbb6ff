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
    let status = wait(&mut child, limit);
    end(&mut child);
    let text = |end: Option<Receiver<Vec<u8>>>| {
        let bytes = end.and_then(|end| end.recv_timeout(GRACE).ok()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok(Ended { status: status?, output: text(output), errors: text(errors) })
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(200);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let Some(left) = limit.checked_sub(start.elapsed()) else {
            return Ok(None);
        };
        thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Ends the process, and what it has started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        // Whether anything is left of the group does not matter.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
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

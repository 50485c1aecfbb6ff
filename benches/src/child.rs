//! Parts of rows in processes of their own: arguments go there and results come back as JSON.

use std::{
    env,
    io::{self, Write},
    process::{Command, Stdio},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{Outcome, plugins::Plugins};

/// Runs a part in a fresh process of this program, and returns what it found.
pub(crate) fn run<A: Serialize, R: DeserializeOwned>(
    plugins: &Plugins,
    part: &str,
    arguments: &A,
) -> Outcome<R> {
    let mut command = Command::new(env::current_exe()?);
    command.arg("--repository").arg(plugins.repository()).arg("--output").arg(plugins.output());
    command.args(["child", part, &serde_json::to_string(arguments)?]);
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("the part {part} failed: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs two parts, by turns the one and the other first: whichever comes second finds the files warmer.
pub(crate) fn by_turns<R>(
    turn: usize,
    one: impl FnOnce() -> Outcome<R>,
    other: impl FnOnce() -> Outcome<R>,
) -> Outcome<(R, R)> {
    if turn.is_multiple_of(2) {
        let one = one()?;
        Ok((one, other()?))
    } else {
        let other = other()?;
        Ok((one()?, other))
    }
}

/// In the child: reads the arguments, and writes the answer.
pub(crate) fn answer<A: DeserializeOwned, R: Serialize>(
    arguments: &str,
    part: impl FnOnce(A) -> Outcome<R>,
) -> Outcome<()> {
    let answer = serde_json::to_vec(&part(serde_json::from_str(arguments)?)?)?;
    Ok(io::stdout().write_all(&answer)?)
}

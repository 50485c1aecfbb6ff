//! The formatters as real plugins, against the libraries behind them; and the program.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what fails, fails the test")]

mod code;
mod corpus;
mod direct;
mod panics;
mod program;
mod stage;
mod threads;

//! A key-value store over the network: a server, and connections to it.

use std::{io, time::Duration};

use plugin_core::{Crossing, PluginPanic, plugin_interface};

/// Serves stores, and connects to them.
#[plugin_interface]
pub trait KeyValue: Send + Sync {
    /// Starts a server on a free port of this machine. It runs until the plugin is shut down.
    async fn serve(&self) -> Result<String, KvError>;
    /// Connects to a server.
    async fn connect(&self, address: &str) -> Result<Box<dyn Connection>, KvError>;
}

/// A connection to a server. Its methods are called as `set_boxed` and so on, because it is a `Box<dyn Connection>`.
#[plugin_interface]
pub trait Connection: Send + Sync {
    /// Sets a key.
    async fn set(&mut self, key: &str, value: &str) -> Result<(), KvError>;
    /// The value of a key.
    async fn get(&mut self, key: &str) -> Result<Option<String>, KvError>;
    /// The value of a key, as soon as it has one.
    async fn wait_for(&mut self, key: &str, patience: Duration) -> Result<String, KvError>;
}

/// Why an operation failed.
#[derive(Debug, Crossing, thiserror::Error)]
pub enum KvError {
    /// The connection failed, or the server cannot be started.
    #[error("the connection failed")]
    Io(#[source] io::Error),
    /// A key or value with a line break, or a key with a space: the protocol has a line for each request.
    #[error("{0:?} does not fit into a line of the protocol")]
    Unfit(String),
    /// The key has no value.
    #[error("nobody has set {key:?} within {patience:?}")]
    TimedOut {
        /// The key.
        key: String,
        /// How long it was waited for.
        patience: Duration,
    },
    /// The server answered something else.
    #[error("the server answered {0:?}")]
    Protocol(String),
    /// The plugin panicked.
    #[error(transparent)]
    Panicked(PluginPanic),
}

impl From<PluginPanic> for KvError {
    fn from(panic: PluginPanic) -> Self {
        Self::Panicked(panic)
    }
}

impl From<io::Error> for KvError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

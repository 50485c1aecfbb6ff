//! The client: one connection, one request at a time.

use std::{io, time::Duration};

use kv_api::{Connection, KvError};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufStream},
    net::TcpStream,
    time::timeout,
};

pub(crate) struct Client(BufStream<TcpStream>);

impl Client {
    pub(crate) async fn connect(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufStream::new(stream)))
    }

    async fn ask(&mut self, request: String) -> Result<String, KvError> {
        if request.contains(['\n', '\r']) {
            return Err(KvError::Unfit(request));
        }
        self.0.write_all(request.as_bytes()).await?;
        self.0.write_all(b"\n").await?;
        self.0.flush().await?;
        let mut answer = String::new();
        if self.0.read_line(&mut answer).await? == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        Ok(answer.trim_end().to_owned())
    }
}

/// The protocol ends a key at the first space.
fn key_of(key: &str) -> Result<&str, KvError> {
    if key.is_empty() || key.contains(' ') { Err(KvError::Unfit(key.to_owned())) } else { Ok(key) }
}

fn value_of(answer: &str) -> Result<String, KvError> {
    answer.strip_prefix("VALUE ").map(str::to_owned).ok_or_else(|| KvError::Protocol(answer.to_owned()))
}

impl Connection for Client {
    async fn set(&mut self, key: &str, value: &str) -> Result<(), KvError> {
        match self.ask(format!("SET {} {value}", key_of(key)?)).await?.as_str() {
            "OK" => Ok(()),
            answer => Err(KvError::Protocol(answer.to_owned())),
        }
    }

    async fn get(&mut self, key: &str) -> Result<Option<String>, KvError> {
        match self.ask(format!("GET {}", key_of(key)?)).await?.as_str() {
            "NONE" => Ok(None),
            answer => value_of(answer).map(Some),
        }
    }

    async fn wait_for(&mut self, key: &str, patience: Duration) -> Result<String, KvError> {
        let waiting = self.ask(format!("WAIT {}", key_of(key)?));
        match timeout(patience, waiting).await {
            Ok(answer) => value_of(&answer?),
            Err(_) => {
                // The answer may come later: it belongs to no request of a new connection.
                let address = self.0.get_ref().peer_addr()?;
                *self = Self::connect(&address.to_string()).await?;
                Err(KvError::TimedOut { key: key.to_owned(), patience })
            }
        }
    }
}

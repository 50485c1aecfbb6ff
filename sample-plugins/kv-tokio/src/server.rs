//! The server: a task for the listener, and one for each connection.
//!
//! A request is a line, `SET key value`, `GET key` or `WAIT key`, and so is its answer: `OK`, `NONE` or `VALUE …`.

use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

/// How long a client may be silent.
const IDLE: Duration = Duration::from_secs(60);

pub(crate) async fn start() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(listen(listener));
    Ok(address)
}

async fn listen(listener: TcpListener) -> io::Result<()> {
    let store = Arc::new(Store::default());
    loop {
        let (stream, _) = listener.accept().await?;
        // What goes wrong with one client is that client's affair: it sees the connection end.
        tokio::spawn(serve(stream, Arc::clone(&store)));
    }
}

async fn serve(mut stream: TcpStream, store: Arc<Store>) -> io::Result<()> {
    let (reader, mut writer) = stream.split();
    let mut lines = BufReader::new(reader).lines();
    while let Some(line) = timeout(IDLE, lines.next_line()).await?? {
        let answer = store.answer(&line).await;
        writer.write_all(answer.as_bytes()).await?;
        writer.write_all(b"\n").await?;
    }
    Ok(())
}

/// The values, and what tells those who wait that there is a new one.
struct Store {
    values: Mutex<HashMap<String, String>>,
    changed: watch::Sender<()>,
}

impl Default for Store {
    fn default() -> Self {
        Self { values: Mutex::default(), changed: watch::channel(()).0 }
    }
}

impl Store {
    async fn answer(&self, request: &str) -> String {
        match *request.splitn(3, ' ').collect::<Vec<_>>() {
            ["SET", key, value] => {
                self.values
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(key.to_owned(), value.to_owned());
                self.changed.send_replace(());
                "OK".to_owned()
            }
            ["GET", key] => self.get(key).map_or_else(|| "NONE".to_owned(), |value| format!("VALUE {value}")),
            ["WAIT", key] => {
                let mut changed = self.changed.subscribe();
                loop {
                    changed.mark_unchanged();
                    if let Some(value) = self.get(key) {
                        return format!("VALUE {value}");
                    }
                    // The sender is this store's, so there is always one.
                    let _ = changed.changed().await;
                }
            }
            _ => format!("ERROR unknown request {request:?}"),
        }
    }

    fn get(&self, key: &str) -> Option<String> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

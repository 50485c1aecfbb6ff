//! Runs the server and the clients of the key-value plugin, once under tokio and once under smol.
//!
//! `cargo xtask build-plugins && cargo run -p kv-demo`

use std::{
    env,
    error::Error,
    net::TcpStream,
    path::{Path, PathBuf},
    time::Duration,
};

use futures::future::{join, join_all};
use kv_api::{KeyValue, KvError};
use plugin_host::{Host, Root};

const CLIENTS: usize = 100;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = match env::args_os().nth(1) {
        Some(directory) => directory.into(),
        None => built_plugins()?,
    };
    // SAFETY: whoever names the directory on the command line, or built this program beside it, vouches for its plugins.
    let host = unsafe { Host::trusting_dir(directory) }?;
    let kv = host.open_root::<dyn KeyValue>("kv-tokio")?;

    let executor = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    // A task of its own: what the plugin returns may move between the executor's threads.
    let server = executor.block_on(executor.spawn(run("tokio", kv.clone())))??;
    executor.block_on(reconnect(&kv, &server))?;
    smol::block_on(smol::spawn(run("smol", kv.clone())))?;

    let plugin = kv.plugin().clone();
    drop(kv);
    plugin.shutdown(Duration::from_secs(5))?;
    match TcpStream::connect(&server) {
        Ok(_) => Err("a server is still there".into()),
        Err(_) => {
            println!("shut down: nobody listens on {server}");
            Ok(())
        }
    }
}

/// The directory that `cargo xtask build-plugins` fills.
fn built_plugins() -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    Ok(program.ancestors().nth(2).unwrap_or(Path::new("/")).join("plugins"))
}

/// A server and its clients; returns where the server listens.
async fn run(executor: &str, kv: Root<dyn KeyValue>) -> Result<String, KvError> {
    let server = kv.serve().await?;
    println!("{executor}: a server listens on {server}");

    let clients = (0..CLIENTS).map(|number| client(&kv, &server, number));
    let values = join_all(clients).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let all: usize = values.iter().map(String::len).sum();
    println!("{executor}: {CLIENTS} clients at once set and got {all} bytes");

    let mut waiting = kv.connect(&server).await?;
    let mut setting = kv.connect(&server).await?;
    let (waited, set) = join(
        waiting.wait_for_boxed("signal", Duration::from_secs(10)),
        setting.set_boxed("signal", "one client wakes another"),
    )
    .await;
    set?;
    println!("{executor}: {}", waited?);

    match waiting.wait_for_boxed("never", Duration::from_millis(20)).await {
        Err(error @ KvError::TimedOut { .. }) => println!("{executor}: {error}"),
        other => return Err(KvError::Protocol(format!("{other:?} in place of a timeout"))),
    }
    Ok(server)
}

async fn client(kv: &Root<dyn KeyValue>, server: &str, number: usize) -> Result<String, KvError> {
    let mut connection = kv.connect(server).await?;
    let key = format!("key-{number}");
    connection.set_boxed(&key, &format!("the value of {key}")).await?;
    connection.get_boxed(&key).await?.ok_or_else(|| KvError::Protocol("nothing".into()))
}

/// The server runs in the plugin, whatever the host's executor does meanwhile.
async fn reconnect(kv: &Root<dyn KeyValue>, server: &str) -> Result<(), KvError> {
    let value = kv.connect(server).await?.get_boxed("key-7").await?;
    println!("tokio: a later client gets {value:?}");
    Ok(())
}

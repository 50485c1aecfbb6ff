//! The key-value store by tokio: ordinary code, in which nothing says that it is a plugin's but one attribute.

mod client;
mod server;

use kv_api::{Connection, KeyValue, KvError};
use plugin_core::export_plugin;

#[derive(Default)]
struct Kv;

#[export_plugin]
impl KeyValue for Kv {
    async fn serve(&self) -> Result<String, KvError> {
        Ok(server::start().await?.to_string())
    }

    async fn connect(&self, address: &str) -> Result<Box<dyn Connection>, KvError> {
        Ok(Box::new(client::Client::connect(address).await?))
    }
}

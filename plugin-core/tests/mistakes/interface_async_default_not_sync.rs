use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject: Send {
    async fn fetch(&self) -> u32;
    async fn twice(&self) -> u32 {
        2 * self.fetch().await
    }
}

fn main() {}

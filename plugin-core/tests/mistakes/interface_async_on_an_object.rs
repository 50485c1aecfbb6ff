use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Subject: Send + Sync {
    async fn fetch(&self) -> u32;
}

pub async fn call(subject: &dyn Subject) -> u32 {
    subject.fetch_boxed().await + subject.fetch().await
}

fn main() {}

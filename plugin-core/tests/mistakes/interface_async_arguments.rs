use plugin_core::plugin_interface;

#[plugin_interface]
pub trait Named: Send + Sync {
    fn name(&self) -> String;
}

#[plugin_interface]
pub trait Subject: Send + Sync {
    async fn fill(&self, bytes: &mut Vec<u8>);
    async fn write(&self, text: &mut String);
    async fn ask(&self, other: &dyn Named);
    async fn change(&self, other: &mut dyn Named);
    async fn each(&self, call: &dyn Fn(u32) -> u32);
    async fn closure(&self) -> Box<dyn Fn(u32) -> u32>;
    async unsafe fn trusting(&self);
    async fn fetch(&self) -> u32;
    fn fetch_boxed(&self);
}

fn main() {}

use plugin_core::plugin_interface;
use std::{
    borrow::Cow,
    cell::{Cell, OnceCell, RefCell},
    collections::{BinaryHeap, LinkedList},
    fs::File,
    net::TcpStream,
    pin::Pin,
    rc::Weak,
    sync::{LazyLock, Mutex, MutexGuard, OnceLock, RwLock, mpsc},
    thread::JoinHandle,
    time::Instant,
};

#[plugin_interface]
pub trait Subject {
    fn weak(&self) -> Weak<u8>;
    fn list(&self, values: LinkedList<u8>);
    fn heap(&self) -> BinaryHeap<u8>;
    fn cells(&self, cell: Cell<u8>, shared: &RefCell<u8>) -> OnceCell<u8>;
    fn locks(&self, mutex: &Mutex<u8>, lock: &RwLock<u8>, once: OnceLock<u8>) -> LazyLock<u8>;
    fn guard(&self) -> MutexGuard<'_, u8>;
    fn thread(&self) -> JoinHandle<()>;
    fn channel(&self, sender: mpsc::Sender<u8>, sync: mpsc::SyncSender<u8>) -> mpsc::Receiver<u8>;
    fn file(&self, file: &mut File) -> Option<TcpStream>;
    fn pinned(&self, value: Pin<&mut u8>);
    fn since(&self, start: Instant);
    fn cow<'a>(&self) -> Cow<'a, PathBuf>;
}

fn main() {}

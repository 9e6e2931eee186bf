//! Stopping and waiting: the stop token that every long work looks at, and the bell that wakes who
//! waits for news.

mod bell;
mod file_bell;
mod folder_watch;
mod reading;
mod stop;

pub use bell::Bell;
pub use file_bell::FileBell;
pub use folder_watch::FolderWatch;
pub use reading::Stoppable;
pub use stop::{StopLevel, StopToken};

//! Stopping and waiting: the stop token that every long work looks at, the bell that wakes who waits
//! for news, how long threads waited for locks, and the flush of file systems that many share.

mod bell;
mod disks;
mod file_bell;
mod folder_watch;
mod reading;
mod stop;
mod waited;

pub use bell::Bell;
pub use disks::{DiskError, Disks};
pub use file_bell::FileBell;
pub use folder_watch::FolderWatch;
pub use reading::Stoppable;
pub use stop::{StopLevel, StopToken};
pub use waited::{hold, unlocked, waited, waiting, woken, woken_within};

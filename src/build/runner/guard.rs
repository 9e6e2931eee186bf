//! The shell that ends a command with all that it began.
//!
//! It reads a pipe to its end. A line in it says that the command has ended by itself: what is left of
//! its group is killed. The end without a line means that the command is to end, or that who began it
//! was killed: its group is asked to end (SIGTERM, so that mock takes its mounts down), and killed after
//! a while; its folder is removed unless it says in `.ended` that the command ended by itself. What left
//! the group, as daemons do, is known by its environment and killed too. The same holds at the other
//! end of an ssh connection, where [`GUARD`] begins both.

use std::io;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

/// How long a watch may take to end what is there: its own patience, and some more.
pub(super) const LONGEST: Duration = Duration::from_secs(30);

/// Watches the group `$1`, whose command works in the folder `$2`.
const WATCH: &str = r#"trap '' HUP INT TERM
lives() { [ "$(grep -lsE "^[0-9]+ \(.*\) [^ZX] [0-9]+ $1 " /proc/[0-9]*/stat)" ]; }
read -r how || how=
n=0
[ "$how" ] || kill -s TERM -- "-$1"
while [ ! "$how" ] && [ $n -lt 100 ] && lives "$1"; do sleep 0.1; n=$((n + 1)); done
kill -s KILL -- "-$1"
[ "$2" ] || exit 0
n=0
while [ $n -lt 20 ]; do
    found=$(grep -lsxzF -e "DISTMILL_WORK=$2" /proc/[0-9]*/environ)
    [ "$found" ] || break
    for it in $found; do it=${it#/proc/}; kill -s KILL "${it%/environ}"; done
    sleep 0.1
    n=$((n + 1))
done
[ "$how" ] || [ -e "$2/.ended" ] || rm -rf -- "$2""#;

/// Runs `$1`, which works in the folder `$3`, under the watch `$2`, which reads stdin: for the other
/// end of a connection. Where there is no `setsid` the watch is in the command's own group, and can do
/// no more than kill it.
pub(super) const GUARD: &str = r#"exec 3<&0 </dev/null
if command -v setsid >/dev/null
then setsid /bin/sh -c "$2" sh $$ "$3" <&3 >/dev/null 2>&1 &
else (read -r _ <&3; kill -9 0) >/dev/null 2>&1 &
fi
exec 3<&-
/bin/sh -c "$1"
code=$?
mkdir "$3/.ended" 2>/dev/null
exit $code"#;

/// The watch's own script, for [`GUARD`].
pub(super) const fn script() -> &'static str {
    WATCH
}

/// A watch on this machine.
#[derive(Debug)]
pub(super) struct Watch(Child);

impl Watch {
    /// Watches the group of a process that was just begun.
    pub(super) fn begin(group: Option<u32>, work: &str) -> io::Result<Self> {
        let group = group.ok_or_else(|| io::Error::other("the command has ended already"))?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", WATCH, "sh", &group.to_string(), work]);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.process_group(0).current_dir("/");
        command.spawn().map(Self)
    }

    /// The command has ended by itself.
    pub(super) async fn has_ended(&mut self) {
        if let Some(mut input) = self.0.stdin.take() {
            // A watch that is gone has nothing to hear.
            let _ = input.write_all(b"ended\n").await;
        }
    }

    /// The command is to end.
    pub(super) fn end(&mut self) {
        self.0.stdin = None;
    }

    /// Waits until all is at its end.
    pub(super) async fn wait(&mut self) {
        let _ = self.0.wait().await;
    }
}

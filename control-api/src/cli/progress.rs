//! How far something is, as one line on the terminal. It goes to stderr, and nowhere when nobody looks there: stdout is
//! for what programs read.

use std::io::IsTerminal;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// How far it is.
#[derive(Debug)]
pub(super) struct Far {
    /// What is done, in words.
    pub what: String,
    /// How much of it is done.
    pub done: u64,
    /// How much there is, where that is known.
    pub total: Option<u64>,
    /// What is counted are bytes.
    pub in_bytes: bool,
}

/// A line, if somebody looks.
pub(super) fn bar() -> ProgressBar {
    if std::io::stderr().is_terminal() { ProgressBar::new(0) } else { ProgressBar::hidden() }
}

/// Says how far it is: how much, how fast and how long it will take still, where the end is known, and otherwise since
/// when it is done.
pub(super) fn show(bar: &ProgressBar, far: &Far) -> Result<()> {
    let total = far.total.unwrap_or_default();
    if bar.length() != Some(total) || bar.message().is_empty() {
        bar.set_style(ProgressStyle::with_template(template(far))?);
        bar.set_length(total);
    }
    bar.set_position(far.done);
    bar.set_message(far.what.clone());
    bar.tick();
    Ok(())
}

fn template(far: &Far) -> &'static str {
    match (far.total, far.in_bytes) {
        (None, _) => "{spinner} {msg} {elapsed}",
        (Some(_), false) => "{msg} [{bar:30}] {percent}% {pos}/{len}, {per_sec}, {eta} left",
        (Some(_), true) => "{msg} [{bar:30}] {percent}% {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use indicatif::{ProgressDrawTarget, TermLike};

    use super::*;

    /// A terminal that remembers.
    #[derive(Debug, Clone, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            160
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().expect("paper").push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().expect("paper").clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The line after all of these, as it stands there.
    fn line(steps: &[(u64, Option<u64>, bool)]) -> String {
        let paper = Paper::default();
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255));
        for &(done, total, in_bytes) in steps {
            // It is drawn 255 times a second at most.
            std::thread::sleep(std::time::Duration::from_millis(20));
            show(&bar, &Far { what: "move copy".into(), done, total, in_bytes }).expect("a template");
        }
        paper.0.lock().expect("paper").trim_end().to_owned()
    }

    #[test]
    fn a_line_says_how_much_how_fast_and_how_long_still() {
        for (steps, said) in [
            (&[(0, Some(4), false)][..], &["move copy [", "] 0% 0/4, ", "/s, ", " left"][..]),
            (&[(0, Some(4), false), (1, Some(4), false)], &["move copy [███████", "] 25% 1/4, ", "/s, ", " left"]),
            (&[(0, Some(3), false), (2, Some(3), false)], &["] 67% 2/3, "]),
            (&[(4, Some(4), false)], &["] 100% 4/4, ", " 0s left"]),
            (&[(1 << 20, Some(4 << 20), true)], &["] 25% 1.00 MiB/4.00 MiB, ", "/s, ", " left"]),
            // The next step of a job has another end, or none that is known.
            (&[(3, Some(4), false), (0, Some(10), false)], &["] 0% 0/10, "]),
            (&[(3, Some(4), false), (0, None, false)], &["move copy 0s"]),
            (&[(0, None, false), (5, Some(10), false)], &["] 50% 5/10, "]),
        ] {
            let line = line(steps);
            for part in said {
                assert!(line.contains(part), "{steps:?}: {part:?} is not in {line:?}");
            }
        }
        assert!(!line(&[(3, Some(4), false), (0, None, false)]).contains("left"), "nobody knows when it ends");
    }
}

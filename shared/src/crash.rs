//! Crash points: places at which a test ends the process as `kill -9` would. A release build has none.

/// Ends the process when `HD_CRASH_AT` names this point, as `move.switch.performed`: no destructor runs, no
/// buffer is written, nobody is told.
#[cfg(debug_assertions)]
pub fn point(name: impl FnOnce() -> String) {
    use std::sync::LazyLock;
    static AT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("HD_CRASH_AT").ok().filter(|at| !at.is_empty()));
    if let Some(at) = &*AT
        && *at == name()
    {
        tracing::error!(at, "crashing, as asked");
        std::process::abort();
    }
}

/// A release build goes on.
#[cfg(not(debug_assertions))]
pub fn point(_name: impl FnOnce() -> String) {}

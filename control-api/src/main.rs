//! `control-api`: see [`control_api::cli`].

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use control_api::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Of a thread, in bytes: steps of jobs are deep, and in a build without optimisation the usual 2 MiB are not enough.
const STACK: usize = 8 << 20;

fn main() -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK).build()?;
    shared::shutdown::run(runtime, Cli::parse().run())
}

//! `control-api`: see [`control_api::cli`].

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use control_api::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    Cli::parse().run().await
}

//! `npm run simulate`: runs one seed after the other until one fails.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use kombo_edge_simulation::{Failure, Script, Stats, run, shrink};

/// Runs kombo-edge through generated scripts, with every fault of the platform and the network.
#[derive(Debug, Parser)]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first one.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Show what happens in the first one, and run nothing.
    #[arg(long)]
    show: bool,
}

/// What all threads know.
struct Shared {
    next: AtomicU64,
    end: u64,
    sum: Mutex<(Stats, Option<(u64, Failure)>)>,
    bar: ProgressBar,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.show {
        println!("{}", Script::of(options.from));
        return ExitCode::SUCCESS;
    }
    // A panic is one of the things that a run can end with.
    std::panic::set_hook(Box::new(|_| {}));
    let style = ProgressStyle::with_template("{pos}/{len} seeds, {per_sec}, {eta} left; {msg}");
    let bar = ProgressBar::new(options.seeds).with_style(style.expect("a template"));
    bar.enable_steady_tick(Duration::from_millis(500));
    let shared = Shared {
        next: AtomicU64::new(options.from),
        end: options.from.saturating_add(options.seeds),
        sum: Mutex::default(),
        bar,
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| shared.work());
        }
    });
    shared.bar.finish_and_clear();
    let (stats, failed) = shared
        .sum
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    let seeds = shared.next.into_inner().min(shared.end) - options.from;
    match failed {
        None => {
            println!("{seeds} seeds, all promises kept.\n{}", summary(&stats));
            ExitCode::SUCCESS
        }
        Some((seed, failure)) => {
            explain(seed, &failure);
            ExitCode::FAILURE
        }
    }
}

impl Shared {
    /// Runs seeds until there are none left or one fails.
    fn work(&self) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end {
                return;
            }
            let outcome = run(&Script::of(seed));
            let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(stats) => sum.0.add(&stats),
                Err(failure) => {
                    sum.1.get_or_insert((seed, failure));
                    self.next.store(self.end, Ordering::Relaxed);
                }
            }
            let strikes: u64 = sum.0.faults.values().sum();
            let (deliveries, crashes) = (sum.0.deliveries, sum.0.crashes);
            self.bar.set_message(format!(
                "{deliveries} deliveries, {strikes} faults, {crashes} crashes"
            ));
            self.bar.inc(1);
        }
    }
}

/// Shows the shortest script that breaks the same promise.
fn explain(seed: u64, failure: &Failure) {
    println!("seed {seed} {failure}\n");
    println!("Looking for the shortest script that does so too …");
    let script = Script::of(seed);
    let shortest = shrink(&script);
    println!("\n{shortest}");
    if let Err(failure) = run(&shortest) {
        println!("{failure}");
    }
    let before = script.steps.len();
    println!(
        "\n{before} steps, of which {} are needed.",
        shortest.steps.len()
    );
    println!("Again: npm run simulate -- --from {seed} --seeds 1");
}

fn summary(stats: &Stats) -> String {
    let kinds: BTreeSet<String> = stats
        .faults
        .iter()
        .map(|(fault, times)| format!("{} {times}", fault.name()))
        .collect();
    let kinds: Vec<String> = kinds.into_iter().collect();
    format!(
        "{} deliveries, {} alarms, {} messages to Slack, {} crashes.\nFaults: {}.",
        stats.deliveries,
        stats.alarms,
        stats.posts,
        stats.crashes,
        kinds.join(", ")
    )
}

//! Things that are timed in turn, and the ratios of neighbours.

use std::thread::sleep;
use std::time::Duration;

/// How long to wait after a write before anything is timed. A stamp younger than a tick of the clock does not prove
/// that a file is unchanged, so papack waits, or reads again, where a file changed less than 10 ms ago.
const REST: Duration = Duration::from_millis(20);

/// One run of one thing.
pub struct Run {
    pub elapsed: Duration,
    /// Its peak memory in bytes, where the system reports it.
    pub peak: Option<u64>,
}

/// A thing to time. It calls [`settle`] itself, after its preparations.
pub struct Contestant<'a> {
    pub name: String,
    /// How many times as long the subject may take, by the targets.
    pub at_most: Option<f64>,
    pub run: Box<dyn FnMut() -> Run + 'a>,
}

impl<'a> Contestant<'a> {
    pub fn new(name: &str, run: impl FnMut() -> Run + 'a) -> Self {
        Self { name: name.to_owned(), at_most: None, run: Box::new(run) }
    }

    pub fn at_most(mut self, ratio: f64) -> Self {
        self.at_most = Some(ratio);
        self
    }
}

/// Waits until what was written before is on the disk, so that it is not written back while something else is timed.
pub fn settle() {
    rustix::fs::sync();
    sleep(REST);
}

/// The columns of what [`compare`] prints.
pub fn print_head() {
    println!("| papack | takes | peak memory | against | takes | ratio | at most |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
}

/// Times `subject` and each of `against`, round by round, and prints a row for each of `against`.
///
/// `before` is called once before each round, for example to edit a file. Another contestant is first in each round.
/// One more round, at the beginning, warms up. Ratios are taken within a round, so that a machine whose speed drifts
/// does not distort them. Printed are the medians, and the least and most.
pub fn compare(rounds: usize, mut before: impl FnMut(), subject: Contestant<'_>, against: Vec<Contestant<'_>>) {
    eprintln!("… {}", subject.name);
    let mut all = vec![subject];
    all.extend(against);
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); all.len()];
    let mut peak = None;
    for round in 0..=rounds {
        before();
        for turn in 0..all.len() {
            let which = (round + turn) % all.len();
            let run = (all[which].run)();
            if round > 0 {
                times[which].push(run.elapsed.as_secs_f64());
            }
            if which == 0 {
                peak = peak.max(run.peak);
            }
        }
    }
    let peak = peak.map_or("–".to_owned(), |bytes| format!("{} MiB", bytes.div_ceil(1 << 20)));
    let first = format!("| {} | {} | {peak} ", all[0].name, show_times(&times[0]));
    if all.len() == 1 {
        println!("{first}| – | – | – | – |");
    }
    for (other, other_times) in all.iter().zip(&times).skip(1) {
        let ratios: Vec<f64> = times[0].iter().zip(other_times).map(|(subject, other)| subject / other).collect();
        let [least, middle, most] = spread(&ratios);
        let at_most = other.at_most.map_or("–".to_owned(), |ratio| format!("{ratio}"));
        let takes = show_times(other_times);
        println!("{first}| {} | {takes} | **{middle:.2}** ({least:.2}–{most:.2}) | {at_most} |", other.name);
    }
}

/// The least, the median and the most.
pub fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len() - 1;
    let middle = f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)]);
    [sorted[0], middle, sorted[last]]
}

fn show_times(seconds: &[f64]) -> String {
    let [least, middle, most] = spread(seconds).map(|seconds| seconds * 1e3);
    let places = usize::from(middle < 100.0);
    format!("{middle:.places$} ms ({least:.places$}–{most:.places$})")
}

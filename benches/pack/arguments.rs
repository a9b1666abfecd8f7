//! What the command line asks for.

const COUNTS: [usize; 2] = [1_000, 10_000];
const ROUNDS: usize = 7;
const PACKS: usize = 2_000;

/// The names of all scenarios.
pub struct Names {
    /// Those that are run at each number of assets.
    pub sized: Vec<&'static str>,
    /// Those that have a size of their own.
    pub fixed: Vec<&'static str>,
}

impl Names {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.sized.iter().chain(&self.fixed).copied()
    }

    pub fn usage(&self) -> String {
        let names = self.all().collect::<Vec<_>>().join("|");
        format!("usage: cargo bench --bench pack -- [--rounds N] [--packs N] [NUMBER OF ASSETS]… [{names}]…")
    }
}

pub struct Arguments {
    /// Numbers of assets, for the scenarios that have a size. Empty where none of these is wanted.
    pub counts: Vec<usize>,
    /// How often each thing is timed.
    pub rounds: usize,
    /// How many packs a simulated year has.
    pub packs: usize,
    /// Names of scenarios; all where it is empty.
    scenarios: Vec<String>,
}

impl Arguments {
    pub fn parse(words: &[String], names: &Names) -> Result<Self, String> {
        let mut found = Self { counts: Vec::new(), rounds: ROUNDS, packs: PACKS, scenarios: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--rounds" {
                let rounds = words.next().and_then(|word| word.parse().ok()).filter(|rounds| *rounds > 0);
                found.rounds = rounds.ok_or("--rounds needs a number from 1 on")?;
            } else if word == "--packs" {
                let packs = words.next().and_then(|word| word.parse().ok()).filter(|packs| *packs > 0);
                found.packs = packs.ok_or("--packs needs a number from 1 on")?;
            } else if let Ok(count) = word.parse() {
                found.counts.push(count);
            } else if names.all().any(|name| name == word) {
                found.scenarios.push(word.clone());
            } else if word != "--bench" {
                return Err(format!("there is no scenario {word:?}"));
            }
        }
        if !names.sized.iter().any(|name| found.wants(name)) {
            found.counts.clear();
        } else if found.counts.is_empty() {
            found.counts.extend(COUNTS);
        }
        Ok(found)
    }

    pub fn wants(&self, name: &str) -> bool {
        self.scenarios.is_empty() || self.names(name)
    }

    /// Whether the scenario is wanted by its name.
    pub fn names(&self, name: &str) -> bool {
        self.scenarios.iter().any(|wanted| wanted == name)
    }
}

//! A random sequence of messages and of what other programs do beside them: each request is answered once, and in the end
//! the client shows what a clean check says.

mod deeds;
mod typed;
mod world;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use self::world::{Client, World};

/// After so many deeds the client waits for all answers.
const BURST: usize = 40;

/// Plays so many deeds, and compares after each `round` of them. `PAPACK_SEED` plays those of an earlier run again.
fn play(client: Client, count: usize, round: usize) {
    let given = std::env::var("PAPACK_SEED").ok().map(|seed| seed.parse().expect("PAPACK_SEED is a number"));
    let seed: u64 = given.unwrap_or_else(|| std::hash::BuildHasher::hash_one(&std::hash::RandomState::new(), 0));
    // Shown where the test fails.
    println!("PAPACK_SEED={seed}, {client:?}, {count} deeds");
    let bytes: Vec<u8> = seed.to_le_bytes().repeat(4);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let deed = deeds::deed();
    let mut world = World::new(client);
    for index in 1..=count {
        let deed = deed.new_tree(&mut runner).unwrap().current();
        println!("{index}: {deed:?}");
        world.play(&deed);
        world.take();
        if index % BURST == 0 {
            world.settle();
        }
        if index % round == 0 {
            world.compare();
        }
    }
    world.compare();
    world.end();
}

#[test]
fn what_is_shown_is_what_a_clean_check_says() {
    for client in [Client::Plain, Client::Watches, Client::Pulls] {
        play(client, 150, 75);
    }
}

#[test]
#[ignore = "long: takes a minute"]
fn what_is_shown_after_many_messages_is_what_a_clean_check_says() {
    for client in [Client::Plain, Client::Watches, Client::Pulls] {
        play(client, 5000, 100);
    }
}

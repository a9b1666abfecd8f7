//! The methods that look at a workspace and build it.

use papack_engine::{AssetState, Bank, CheckRequest, FixRequest, ListRequest, PackRequest, PlanRequest, StatusRequest};
use serde::Deserialize;

use super::service::{Call, service};

service!(Status {} => |Self { .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.status(&StatusRequest { levels, cancel }, observer)
});

service!(List {
    #[serde(default)]
    assets: Vec<String>,
    bank: Option<NamedBank>,
    state: Option<StateName>,
} => |Self { assets, bank, state, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    let (bank, state) = (bank.map(|bank| bank.0), state.map(StateName::state));
    session.list(&ListRequest { assets, bank, state, levels, cancel }, observer)
});

service!(Check {
    #[serde(default)]
    rehash: bool,
} => |Self { rehash, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.check(&CheckRequest { levels, rehash, cancel }, observer)
});

service!(Fix {
    #[serde(default)]
    rehash: bool,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    no_wait: bool,
} => |Self { rehash, dry_run, no_wait, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.fix(&FixRequest { check: CheckRequest { levels, rehash, cancel }, dry_run, no_wait }, observer)
});

service!(Plan {
    #[serde(default)]
    rehash: bool,
    #[serde(default)]
    compares_outputs: bool,
} => |Self { rehash, compares_outputs, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.plan(&PlanRequest { rehash, compares_outputs, levels, cancel }, observer)
});

service!(Pack {
    #[serde(default)]
    no_wait: bool,
    #[serde(default)]
    rehash: bool,
    #[serde(default)]
    explain: bool,
} => |Self { no_wait, rehash, explain, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.pack(&PackRequest { no_wait, rehash, explain, levels, cancel }, observer)
});

service!(CheckOutputs {
    #[serde(default)]
    no_wait: bool,
    #[serde(default)]
    rehash: bool,
    #[serde(default)]
    explain: bool,
} => |Self { no_wait, rehash, explain, .. }, session, call, observer| {
    let Call { levels, cancel } = call;
    session.check_outputs(&PackRequest { no_wait, rehash, explain, levels, cancel }, observer)
});

/// A bank, as results name it.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct NamedBank(Bank);

impl TryFrom<String> for NamedBank {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let bank = Bank::ALL.into_iter().find(|bank| bank.name() == name);
        bank.map(Self).ok_or_else(|| format!("there is no bank {name:?} (initialize lists all)"))
    }
}

/// The state of an asset, as results name it.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StateName {
    Ready,
    Faulty,
    Missing,
    Moved,
}

impl StateName {
    fn state(self) -> AssetState {
        match self {
            Self::Ready => AssetState::Ready,
            Self::Faulty => AssetState::Faulty,
            Self::Missing => AssetState::Missing,
            Self::Moved => AssetState::Moved,
        }
    }
}

//! The messages of JSON-RPC 2.0: what a client sends is told apart, and answers are put together.

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// Why a request is not done: a fault of the protocol. Whatever is wrong with a workspace is in a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    code: i32,
    message: String,
}

impl Failure {
    /// The message is no JSON text.
    pub fn no_json(why: impl Into<String>) -> Self {
        Self { code: -32700, message: why.into() }
    }

    /// The message is no request, or none at this moment.
    pub fn no_request(why: impl Into<String>) -> Self {
        Self { code: -32600, message: why.into() }
    }

    /// There is no such method.
    pub fn no_method(name: &str) -> Self {
        Self { code: -32601, message: format!("there is no method {name:?}; initialize lists all") }
    }

    /// The method does not take these parameters.
    pub fn bad_params(why: impl Into<String>) -> Self {
        Self { code: -32602, message: why.into() }
    }

    /// The server itself failed.
    pub fn internal(why: impl Into<String>) -> Self {
        Self { code: -32603, message: why.into() }
    }

    /// `initialize` has to come first.
    pub fn not_initialized() -> Self {
        Self { code: -32002, message: "the first request is initialize".into() }
    }

    /// The client does not want it any more.
    pub fn cancelled() -> Self {
        Self { code: -32800, message: "it was cancelled".into() }
    }

    /// Newer changes of texts came before there was an answer.
    pub fn outdated() -> Self {
        Self { code: -32801, message: "newer changes came before it was answered".into() }
    }

    /// It cannot be done, though nothing is wrong with the request.
    pub fn failed(why: impl Into<String>) -> Self {
        Self { code: -32803, message: why.into() }
    }

    /// The client, or all clients, ask for more than the server holds.
    pub fn too_much(why: impl Into<String>) -> Self {
        Self { code: -32000, message: why.into() }
    }
}

/// The id of a request, as JSON. What a client wrote as a number stays as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id(String);

impl Id {
    /// Reads an id: a string, a number or null.
    fn parse(value: &RawValue) -> Option<Self> {
        let text = value.get();
        match text.as_bytes().first()? {
            // Written in one way, so that two spellings of a string are one id.
            b'"' => serde_json::from_str::<String>(text).and_then(|id| serde_json::to_string(&id)).ok().map(Self),
            b'-' | b'0'..=b'9' | b'n' => Some(Self(text.to_owned())),
            _ => None,
        }
    }

    /// Reads an id that may be absent, where null is an id.
    ///
    /// # Errors
    ///
    /// When it is there and no id.
    pub fn deserialize_present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::deserialize(deserializer).map(Some)
    }

    /// The id `number`.
    pub fn number(number: u64) -> Self {
        Self(number.to_string())
    }

    /// The id as JSON.
    pub fn json(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Box::<RawValue>::deserialize(deserializer)?;
        Self::parse(&value).ok_or_else(|| serde::de::Error::custom(NO_ID))
    }
}

const NO_ID: &str = "an id is a string, a number or null";

/// A request, or a notification, which has no id and gets no answer.
#[derive(Debug)]
pub struct Call<'m> {
    pub id: Option<Id>,
    pub method: String,
    pub params: Params<'m>,
}

/// The parameters of a call.
#[derive(Debug, Clone, Copy)]
pub struct Params<'m>(Option<&'m RawValue>);

/// The members of a call, as they were written.
#[derive(Deserialize)]
struct Members<'m> {
    #[serde(borrow, default, deserialize_with = "present")]
    jsonrpc: Option<&'m RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    id: Option<&'m RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    method: Option<&'m RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    params: Option<&'m RawValue>,
}

/// Tells null from nothing.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

impl<'m> Call<'m> {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// When it is no call, with its id as far as it has one.
    pub fn parse(message: &'m [u8]) -> Result<Self, (Option<Id>, Failure)> {
        let text = std::str::from_utf8(message).map_err(|error| (None, Failure::no_json(error.to_string())))?;
        let value: &RawValue =
            serde_json::from_str(text).map_err(|error| (None, Failure::no_json(error.to_string())))?;
        let anonymous = |why: &str| (None, Failure::no_request(why));
        match value.get().as_bytes().first() {
            Some(b'{') => {}
            Some(b'[') => return Err(anonymous("batches are not taken: send each request by itself")),
            _ => return Err(anonymous("a request is an object")),
        }
        let members: Members<'m> =
            serde_json::from_str(value.get()).map_err(|error| anonymous(&format!("no request: {error}")))?;
        let id = match members.id {
            None => None,
            Some(id) => Some(Id::parse(id).ok_or_else(|| anonymous(NO_ID))?),
        };
        let failed = |why: &str| Err((id.clone(), Failure::no_request(why)));
        let string =
            |value: Option<&RawValue>| value.and_then(|value| serde_json::from_str::<String>(value.get()).ok());
        if string(members.jsonrpc).as_deref() != Some("2.0") {
            return failed("\"jsonrpc\" must be \"2.0\"");
        }
        let Some(method) = string(members.method) else {
            return failed("\"method\" must be a string");
        };
        Ok(Self { id, method, params: Params(members.params) })
    }
}

impl<'m> Params<'m> {
    /// Parameters that are a part of those of another call.
    pub fn new(params: Option<&'m RawValue>) -> Self {
        Self(params)
    }

    /// Reads the parameters, which are an object. Absent ones, and null, are an empty object.
    ///
    /// # Errors
    ///
    /// When they do not fit `T`.
    pub fn read<T: Deserialize<'m>>(self) -> Result<T, Failure> {
        let text = self.0.map(RawValue::get).filter(|text| *text != "null").unwrap_or("{}");
        let read = serde_json::from_str::<Object<T>>(text);
        read.map(|object| object.0).map_err(|error| Failure::bad_params(error.to_string()))
    }
}

/// A value that is written as an object, and not as an array of its fields, which `serde` would take as well.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = T;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of parameters by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Members(std::marker::PhantomData)).map(Self)
    }
}

/// What a client answers to a request of the server.
#[derive(Debug)]
pub struct Answer {
    pub id: Id,
    /// Whether it did what it was asked for.
    pub is_success: bool,
}

impl Answer {
    /// Reads a message that is no call. None if it is no answer either.
    pub fn parse(message: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Members<'m> {
            id: Id,
            #[serde(borrow, default, deserialize_with = "present")]
            method: Option<&'m RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            result: Option<&'m RawValue>,
            #[serde(borrow, default, deserialize_with = "present")]
            error: Option<&'m RawValue>,
        }
        let members: Members<'_> = serde_json::from_slice(message).ok()?;
        let is_answer = members.method.is_none() && members.result.is_some() != members.error.is_some();
        is_answer.then_some(Self { id: members.id, is_success: members.result.is_some() })
    }
}

/// The answer to the request `id`. `result` is JSON.
pub fn answer(id: &Id, result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#, id.json())
}

/// The answer to a request that is not done. Where its id is not known, that is null.
pub fn refusal(id: Option<&Id>, failure: &Failure) -> String {
    let id = id.map_or("null", Id::json);
    let message = serde_json::Value::from(failure.message.as_str());
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{},"message":{message}}}}}"#, failure.code)
}

/// A notification. `params` is JSON.
pub fn notification(method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#)
}

/// A request. `params` is JSON; null stands for none, which are left out, since null is neither an object nor an array.
pub fn request(id: &Id, method: &str, params: &str) -> String {
    let params = if params == "null" { String::new() } else { format!(r#","params":{params}"#) };
    format!(r#"{{"jsonrpc":"2.0","id":{},"method":"{method}"{params}}}"#, id.json())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn refused(message: &str) -> (Option<String>, i32) {
        let (id, failure) = Call::parse(message.as_bytes()).unwrap_err();
        (id.map(|id| id.0), failure.code)
    }

    #[test]
    fn calls_are_told_from_everything_else() {
        for (message, id, code) in [
            ("", None, -32700),
            ("{", None, -32700),
            ("{} {}", None, -32700),
            ("\u{feff}{}", None, -32700),
            (r#"{"jsonrpc":"2.0","method":"a"#, None, -32700),
            ("[]", None, -32600),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"a"}]"#, None, -32600),
            ("null", None, -32600),
            ("\"x\"", None, -32600),
            ("{}", None, -32600),
            (r#"{"id":1}"#, Some("1"), -32600),
            (r#"{"jsonrpc":"2.0","id":1}"#, Some("1"), -32600),
            (r#"{"jsonrpc":"1.0","id":"a","method":"a"}"#, Some("\"a\""), -32600),
            (r#"{"jsonrpc":2.0,"id":null,"method":"a"}"#, Some("null"), -32600),
            (r#"{"jsonrpc":"2.0","id":1,"method":2}"#, Some("1"), -32600),
            (r#"{"jsonrpc":"2.0","id":true,"method":"a"}"#, None, -32600),
            (r#"{"jsonrpc":"2.0","id":[1],"method":"a"}"#, None, -32600),
            (r#"{"jsonrpc":"2.0","id":"\ud800","method":"a"}"#, None, -32600),
            (r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"a"}"#, None, -32600),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, Some("1"), -32600),
        ] {
            assert_eq!(refused(message), (id.map(ToOwned::to_owned), code), "{message}");
        }
        assert_eq!(Call::parse(b"\"\xff\"").unwrap_err().1.code, -32700);
        let deep = "[".repeat(100_000);
        assert_eq!(refused(&deep).1, -32700);
        assert_eq!(refused(&(deep.clone() + &"]".repeat(100_000))).1, -32600);
        let params = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"a","params":{deep}{}}}"#, "]".repeat(100_000));
        assert!(Call::parse(params.as_bytes()).unwrap().params.read::<Two>().is_err());
    }

    #[test]
    fn ids_come_back_as_they_were() {
        for (written, read) in [
            ("1", "1"),
            ("-0", "-0"),
            ("1.50", "1.50"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e400", "1e400"),
            ("null", "null"),
            (r#""a""#, r#""a""#),
            (r#""\u0061\/""#, r#""a/""#),
            (r#""""#, r#""""#),
        ] {
            let message = format!(r#"{{"method":"a","id":{written},"jsonrpc":"2.0","more":[1]}}"#);
            assert_eq!(Call::parse(message.as_bytes()).unwrap().id.unwrap().0, read);
        }
        assert_eq!(Call::parse(br#"{"method":"a","jsonrpc":"2.0"}"#).unwrap().id, None);
    }

    #[derive(Debug, Default, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Two {
        a: bool,
        b: u8,
    }

    #[test]
    fn parameters_are_objects() {
        let read = |params: &str| {
            let message = format!(r#"{{"method":"a","jsonrpc":"2.0"{params}}}"#);
            Call::parse(message.as_bytes()).unwrap().params.read::<Two>()
        };
        assert_eq!(read(""), Ok(Two::default()));
        assert_eq!(read(r#","params":null"#), Ok(Two::default()));
        assert_eq!(read(r#","params":{"b":7}"#), Ok(Two { a: false, b: 7 }));
        for params in
            ["[true,7]", "[]", "7", "\"a\"", r#"{"c":1}"#, r#"{"b":256}"#, r#"{"b":1,"b":1}"#, r#"{"a":null}"#]
        {
            assert_eq!(read(&format!(r#","params":{params}"#)).unwrap_err().code, -32602, "{params}");
        }
    }
}

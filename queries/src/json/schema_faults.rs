//! Faults that every schema finds: a value of another type, and a field that lacks.

use crate::diagnostic::{Code, Data, Diagnostic, Type};

/// The fault of a value that is of the type `found`.
pub(super) fn type_fault(found: Type, expected: Type) -> Diagnostic {
    let message = format!("expected {}, found {}", type_name(expected, "true or false"), type_name(found, "a boolean"));
    Diagnostic::error(Code::FieldInvalid, message).with_data(Data::Type { found, expected })
}

/// A type in words. A boolean is told by its values where it is wanted, and by its name where it is found.
fn type_name(name: Type, boolean: &'static str) -> &'static str {
    match name {
        Type::Null => "null",
        Type::Boolean => boolean,
        Type::Integer => "an integer",
        Type::Float => "a float",
        Type::String => "a string",
        Type::Array => "an array",
        Type::Object => "an object",
        Type::Date => "a date",
    }
}

/// The fault of an object without the field `name`.
pub(super) fn missing_fault(name: &str) -> Diagnostic {
    Diagnostic::error(Code::FieldMissing, format!("the field {name:?} is missing")).with_data(Data::missing(name))
}

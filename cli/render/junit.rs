//! A report as JUnit's runner writes it, for CI that shows reports of tests.
//!
//! There is no specification. The shape is the one that Jenkins and GitLab read: a case for each file that has diagnostics,
//! which fails where one of them is an error, and a case for the run.

use std::collections::BTreeMap;
use std::io;

use papack_queries::diagnostic::Diagnostic;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::github::line;
use super::print::one_line;
use super::report::Outcome;
use super::words::counted;

/// The name of the suite and of the case for the run. Programs show the names of cases below those of classes.
const RUN: &str = "papack";

/// A file with diagnostics.
#[derive(Default)]
struct Case<'r> {
    errors: Vec<&'r Diagnostic>,
    others: Vec<&'r Diagnostic>,
}

/// The report of one run, of several lines.
pub fn report(outcome: &Outcome<'_>) -> String {
    let mut cases = BTreeMap::<String, Case<'_>>::new();
    for diagnostic in &outcome.diagnostics {
        let path = diagnostic.path.as_ref().map_or(String::new(), |path| format!("{}{path}", outcome.workspace));
        let case = cases.entry(path).or_default();
        if diagnostic.is_error() { &mut case.errors } else { &mut case.others }.push(diagnostic);
    }
    // What is at no file is said of the run.
    let run = cases.remove("").unwrap_or_default();
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    // A vector takes whatever is written.
    drop(write(&mut xml, outcome, &run, &cases));
    String::from_utf8(xml.into_inner()).unwrap_or_default()
}

type Xml = Writer<Vec<u8>>;

fn write(xml: &mut Xml, outcome: &Outcome<'_>, run: &Case<'_>, cases: &BTreeMap<String, Case<'_>>) -> io::Result<()> {
    let is_told = !run.errors.is_empty() || cases.values().any(|case| !case.errors.is_empty());
    // A run may fail without a diagnostic.
    let has_error = outcome.is_failure && !is_told;
    let failed = cases.values().chain([run]).filter(|case| !case.errors.is_empty()).count();
    let counts = [
        ("tests", (cases.len() + 1).to_string()),
        ("failures", failed.to_string()),
        ("errors", usize::from(has_error).to_string()),
        ("skipped", "0".to_owned()),
    ];
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suite = counts.iter().map(|(name, count)| (*name, count.as_str()));
    xml.create_element("testsuites").with_attribute(("name", RUN)).write_inner_content(|xml| {
        let suite = xml.create_element("testsuite").with_attribute(("name", RUN)).with_attributes(suite);
        suite.write_inner_content(|xml| {
            write_run(xml, outcome, run, has_error)?;
            cases.iter().try_for_each(|(path, case)| write_case(xml, outcome, path, case))
        })?;
        Ok(())
    })?;
    Ok(())
}

/// The case of the run, which says what came of it.
fn write_run(xml: &mut Xml, outcome: &Outcome<'_>, run: &Case<'_>, has_error: bool) -> io::Result<()> {
    let case = xml.create_element("testcase").with_attributes([("classname", RUN), ("name", "run")]);
    case.write_inner_content(|xml| {
        if has_error {
            let message = shown(outcome.undiagnosed.as_ref().unwrap_or(&outcome.summary));
            xml.create_element("error").with_attribute(("message", &*message)).write_empty()?;
        }
        write_failure(xml, outcome, &run.errors)?;
        let others = run.others.iter().map(|diagnostic| told(diagnostic, outcome));
        let lines = outcome.summary.lines().map(shown).chain(others);
        write_text(xml, "system-out", &lines.collect::<Vec<_>>().join("\n"))
    })?;
    Ok(())
}

fn write_case(xml: &mut Xml, outcome: &Outcome<'_>, path: &str, case: &Case<'_>) -> io::Result<()> {
    let path = shown(path);
    let attributes = [("classname", RUN), ("name", &*path), ("file", &*path)];
    xml.create_element("testcase").with_attributes(attributes).write_inner_content(|xml| {
        write_failure(xml, outcome, &case.errors)?;
        if case.others.is_empty() {
            return Ok(());
        }
        let others: Vec<_> = case.others.iter().map(|diagnostic| told(diagnostic, outcome)).collect();
        write_text(xml, "system-out", &others.join("\n"))
    })?;
    Ok(())
}

/// All errors of a case as one failure: readers take one of each case.
fn write_failure(xml: &mut Xml, outcome: &Outcome<'_>, errors: &[&Diagnostic]) -> io::Result<()> {
    let [first, others @ ..] = errors else { return Ok(()) };
    let mut message = shown(&first.message);
    if !others.is_empty() {
        message += &format!(", and {} more", counted(others.len(), "error"));
    }
    let code = first.code.to_string();
    let text: Vec<_> = errors.iter().map(|diagnostic| told(diagnostic, outcome)).collect();
    let failure = xml.create_element("failure").with_attributes([("type", &*code), ("message", &*message)]);
    failure.write_text_content(BytesText::new(&text.join("\n")))?;
    Ok(())
}

fn write_text(xml: &mut Xml, element: &str, text: &str) -> io::Result<()> {
    xml.create_element(element).write_text_content(BytesText::new(text))?;
    Ok(())
}

/// A diagnostic in a line or two.
fn told(diagnostic: &Diagnostic, outcome: &Outcome<'_>) -> String {
    let help = diagnostic.help.iter().map(|help| format!("\n  help: {}", shown(help)));
    shown(&line(diagnostic, outcome.workspace, outcome.is_text)) + &help.collect::<String>()
}

/// `text` on one line, without what XML 1.0 cannot have, which are two of the characters that are none.
fn shown(text: &str) -> String {
    one_line(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use papack_queries::diagnostic::Code;
    use proptest::prelude::*;
    use quick_xml::Reader;
    use quick_xml::events::Event;

    use super::*;

    proptest! {
        /// Whatever is told, a reader of XML gets it as other formats print it.
        #[test]
        fn any_text_is_read_as_it_was_told(message in any::<String>(), path in any::<String>()) {
            let found = Diagnostic::error(Code::Io, message.clone()).at(path.clone());
            let outcome = Outcome {
                diagnostics: vec![&found],
                workspace: "",
                is_text: true,
                undiagnosed: None,
                is_failure: true,
                summary: message.clone(),
            };
            let xml = report(&outcome);
            let is_allowed = |c| !matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(xml.chars().all(is_allowed));
            let mut reader = Reader::from_str(&xml);
            let (mut messages, mut names) = (Vec::new(), Vec::new());
            loop {
                match reader.read_event().unwrap() {
                    Event::Eof => break,
                    Event::Start(element) => {
                        let value = |name: &str| {
                            let value = element.try_get_attribute(name).unwrap()?.unescape_value().unwrap();
                            Some(value.into_owned())
                        };
                        messages.extend(value("message"));
                        names.extend(value("name").filter(|_| element.name().as_ref() == b"testcase"));
                    }
                    _ => {}
                }
            }
            prop_assert_eq!(messages, [shown(&message)]);
            let expected = if path.is_empty() { vec!["run".to_owned()] } else { vec!["run".to_owned(), shown(&path)] };
            prop_assert_eq!(names, expected);
        }
    }
}

//! What one source file says of modules and imports.

use crate::tokens::{Placed, Token, tokens};

/// What a module holds. Whatever is only there for tests is left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Module {
    pub uses: Vec<Use>,
    pub paths: Vec<Path>,
    pub items: Vec<Item>,
    pub children: Vec<Child>,
}

/// One name that a `use` brings in.
#[derive(Debug, PartialEq, Eq)]
pub struct Use {
    pub path: Vec<String>,
    pub name: Name,
    pub line: usize,
}

/// What a `use` calls what it brings in.
#[derive(Debug, PartialEq, Eq)]
pub enum Name {
    Is(String),
    /// `*`: everything keeps its name.
    All,
}

/// A path of at least two segments, somewhere in the code.
#[derive(Debug, PartialEq, Eq)]
pub struct Path {
    pub segments: Vec<String>,
    pub line: usize,
}

/// Something that a module defines.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    pub name: String,
    /// Whether a path can go on behind it, as behind an enum. It cannot behind a function, so that `use uuid::Uuid`
    /// means the crate also where there is a function `uuid`.
    pub is_type: bool,
}

/// A module in a module.
#[derive(Debug, PartialEq, Eq)]
pub enum Child {
    /// `mod name;`, with the path that an attribute gives.
    File { name: String, path: Option<String> },
    /// `mod name { … }`.
    Inline { name: String, module: Module },
}

/// Reads a file.
pub fn read(text: &str) -> Module {
    let mut reader = Reader { tokens: tokens(text), at: 0 };
    let mut module = Module::default();
    reader.module(&mut module);
    module
}

struct Reader {
    tokens: Vec<Placed>,
    at: usize,
}

impl Reader {
    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|placed| &placed.token)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |placed| placed.line)
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        match self.peek(ahead) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is_sign(&self, ahead: usize, sign: char) -> bool {
        self.peek(ahead) == Some(&Token::Sign(sign))
    }

    /// Reads up to the end of the module, and behind its brace if it has one.
    fn module(&mut self, module: &mut Module) {
        let mut depth = 0;
        let mut path_attribute = None;
        while let Some(token) = self.peek(0).cloned() {
            match token {
                Token::Sign('#') => {
                    let attribute = self.attribute();
                    if is_for_tests(&attribute) {
                        self.skip_item();
                    }
                    path_attribute = path_of(&attribute).or(path_attribute);
                    continue;
                }
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('}') if depth == 0 => {
                    self.at += 1;
                    return;
                }
                Token::Sign('}' | ')' | ']') => depth -= 1,
                Token::Word(word) => {
                    self.keyword_or_path(&word, depth, path_attribute.take(), module);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    fn keyword_or_path(&mut self, word: &str, depth: i32, path: Option<String>, module: &mut Module) {
        match word {
            // `use<'a>` in a type is no import.
            "use" if !self.is_sign(1, '<') => {
                self.at += 1;
                self.use_tree(&[], &mut module.uses);
                return;
            }
            "mod" if depth == 0 && self.word(1).is_some() => {
                self.child(path, module);
                return;
            }
            "pub" => {
                // An attribute belongs to what follows its visibility.
                self.skip_visibility();
                if let Some(word) = self.word(0).map(str::to_owned) {
                    self.keyword_or_path(&word, depth, path, module);
                }
                return;
            }
            _ if depth == 0 => module.items.extend(self.item(word)),
            _ => {}
        }
        self.path(module);
    }

    fn skip_visibility(&mut self) {
        self.at += 1;
        // A field of a tuple may have a type in parentheses: `pub (A, B)`.
        if self.is_sign(0, '(') && matches!(self.word(1), Some("crate" | "super" | "self" | "in")) {
            while !self.is_sign(0, ')') {
                self.at += 1;
            }
            self.at += 1;
        }
    }

    /// What the keyword here begins to define.
    fn item(&self, keyword: &str) -> Option<Item> {
        let is_type = match keyword {
            "struct" | "enum" | "trait" | "type" => true,
            "fn" | "const" | "static" => false,
            "macro_rules" => return Some(Item { name: self.word(2)?.to_owned(), is_type: false }),
            _ => return None,
        };
        let name = self.word(1).filter(|next| !matches!(*next, "fn" | "unsafe" | "async" | "extern"))?;
        Some(Item { name: name.to_owned(), is_type })
    }

    fn child(&mut self, path: Option<String>, module: &mut Module) {
        let name = self.word(1).unwrap().to_owned();
        let is_inline = self.is_sign(2, '{');
        self.at += 3;
        module.children.push(if is_inline {
            let mut inline = Module::default();
            self.module(&mut inline);
            Child::Inline { name, module: inline }
        } else {
            Child::File { name, path }
        });
    }

    /// A path, or a word by itself, which is none.
    fn path(&mut self, module: &mut Module) {
        let line = self.line();
        let begins = self.at == 0 || self.tokens[self.at - 1].token != Token::PathSeparator;
        let mut segments = vec![self.word(0).unwrap().to_owned()];
        self.at += 1;
        while self.peek(0) == Some(&Token::PathSeparator)
            && let Some(word) = self.word(1)
        {
            segments.push(word.to_owned());
            self.at += 2;
        }
        if begins && segments.len() > 1 {
            module.paths.push(Path { segments, line });
        }
    }

    /// One branch of a `use`, behind the segments of `prefix`.
    fn use_tree(&mut self, prefix: &[String], uses: &mut Vec<Use>) {
        let mut path = prefix.to_vec();
        let line = self.line();
        loop {
            match self.peek(0).cloned() {
                Some(Token::Word(word)) if word == "as" => {
                    let name = self.word(1).unwrap().to_owned();
                    self.at += 2;
                    return uses.push(Use { path, name: Name::Is(name), line });
                }
                Some(Token::Word(word)) => path.push(word),
                Some(Token::PathSeparator) => {}
                Some(Token::Sign('*')) => {
                    self.at += 1;
                    return uses.push(Use { path, name: Name::All, line });
                }
                Some(Token::Sign('{')) => {
                    self.at += 1;
                    while !self.is_sign(0, '}') {
                        self.use_tree(&path, uses);
                        self.at += usize::from(self.is_sign(0, ','));
                    }
                    self.at += 1;
                    return;
                }
                _ => {
                    // `{self}` is the module in front of the braces.
                    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                        path.pop();
                    }
                    let name = path.last().unwrap().clone();
                    return uses.push(Use { path, name: Name::Is(name), line });
                }
            }
            self.at += 1;
        }
    }

    /// The tokens between the brackets of the attribute here.
    fn attribute(&mut self) -> Vec<Token> {
        self.at += 1;
        self.at += usize::from(self.is_sign(0, '!'));
        let begin = self.at;
        if self.is_sign(0, '[') {
            self.skip_group();
        }
        self.tokens[begin..self.at].iter().map(|placed| placed.token.clone()).collect()
    }

    /// Skips a bracket and all up to the one that closes it.
    fn skip_group(&mut self) {
        let mut depth = 0;
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign('{' | '(' | '[') => depth += 1,
                Token::Sign('}' | ')' | ']') => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Skips the item or statement here, with its other attributes.
    fn skip_item(&mut self) {
        while self.is_sign(0, '#') {
            self.attribute();
        }
        let mut is_use = false;
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign(';') => {
                    self.at += 1;
                    return;
                }
                Token::Sign('{') if !is_use => return self.skip_group(),
                Token::Sign('{' | '(' | '[') => self.skip_group(),
                Token::Word(word) => {
                    is_use |= word == "use";
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
    }
}

/// Whether an attribute is a `cfg` that only tests meet.
fn is_for_tests(attribute: &[Token]) -> bool {
    let has = |name: &str| attribute.iter().any(|token| matches!(token, Token::Word(word) if word == name));
    has("cfg") && has("test") && !has("not")
}

/// The path of `#[path = "…"]`.
fn path_of(attribute: &[Token]) -> Option<String> {
    match attribute {
        [_, Token::Word(name), Token::Sign('='), Token::Text(path), _] if name == "path" => Some(path.clone()),
        _ => None,
    }
}

//! Rust source text as tokens, as far as imports need them: comments are gone, and literals are not looked into.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A word: an identifier or a keyword.
    Word(String),
    /// The text of a plain string literal, as it is written.
    Text(String),
    /// `::`.
    PathSeparator,
    /// Any other sign.
    Sign(char),
    /// A number, a character, a lifetime or a raw string.
    Other,
}

/// A token and the number of its line.
#[derive(Debug, Clone)]
pub struct Placed {
    pub token: Token,
    pub line: usize,
}

/// The tokens of `text`.
pub fn tokens(text: &str) -> Vec<Placed> {
    let mut scanner = Scanner { chars: text.chars().collect(), at: 0, line: 1 };
    let mut all = Vec::new();
    loop {
        scanner.skip_blank();
        let line = scanner.line;
        let Some(token) = scanner.next() else { return all };
        all.push(Placed { token, line });
    }
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn advance(&mut self) -> Option<char> {
        let next = self.peek(0)?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn advance_by(&mut self, count: usize) {
        for _ in 0..count {
            self.advance();
        }
    }

    /// Skips white space and comments. Block comments nest.
    fn skip_blank(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(next), _) if next.is_whitespace() => self.advance_by(1),
                (Some('/'), Some('/')) => {
                    while self.peek(0).is_some_and(|next| next != '\n') {
                        self.advance();
                    }
                }
                (Some('/'), Some('*')) => self.skip_block_comment(),
                _ => return,
            }
        }
    }

    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.advance_by(2);
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.advance_by(2);
                }
                (Some(_), _) => self.advance_by(1),
                (None, _) => return,
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<Token> {
        let first = self.peek(0)?;
        Some(match first {
            '"' => Token::Text(self.string()),
            '\'' => self.quote(),
            ':' if self.peek(1) == Some(':') => {
                self.advance_by(2);
                Token::PathSeparator
            }
            _ if first.is_ascii_digit() => {
                while self.peek(0).is_some_and(is_in_word) {
                    self.advance();
                }
                Token::Other
            }
            _ if is_in_word(first) => self.word(),
            _ => {
                self.advance();
                Token::Sign(first)
            }
        })
    }

    /// An identifier or keyword, or the literal that a prefix such as `b` or `r#` begins.
    fn word(&mut self) -> Token {
        let mut word = String::new();
        while let Some(next) = self.peek(0).filter(|next| is_in_word(*next)) {
            word.push(next);
            self.advance();
        }
        let is_raw = matches!(word.as_str(), "r" | "br" | "cr");
        match self.peek(0) {
            Some('"') if is_raw => self.raw_string(0),
            Some('"') if matches!(word.as_str(), "b" | "c") => {
                self.string();
                Token::Other
            }
            Some('\'') if word == "b" => self.quote(),
            Some('#') if is_raw => {
                let hashes = self.chars[self.at..].iter().take_while(|next| **next == '#').count();
                if self.peek(hashes) == Some('"') {
                    return self.raw_string(hashes);
                }
                // A raw identifier: `r#type`.
                self.advance();
                self.word()
            }
            _ => Token::Word(word),
        }
    }

    fn string(&mut self) -> String {
        let mut text = String::new();
        self.advance();
        while let Some(next) = self.advance() {
            match next {
                '"' => break,
                '\\' => {
                    text.push(next);
                    text.extend(self.advance());
                }
                _ => text.push(next),
            }
        }
        text
    }

    fn raw_string(&mut self, hashes: usize) -> Token {
        self.advance_by(hashes + 1);
        while let Some(next) = self.advance() {
            if next == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                self.advance_by(hashes);
                break;
            }
        }
        Token::Other
    }

    /// A character or a lifetime.
    fn quote(&mut self) -> Token {
        self.advance();
        if self.peek(0) == Some('\\') {
            self.advance_by(2);
            while self.advance().is_some_and(|next| next != '\'') {}
        } else if self.peek(1) == Some('\'') {
            self.advance_by(2);
        }
        // What is left of a lifetime is a word that nothing looks at: no path begins with it.
        Token::Other
    }
}

fn is_in_word(char: char) -> bool {
    char == '_' || char.is_alphanumeric()
}

//! Text that reads like source code to a compressor.
//!
//! A package has words of its own beside those that all packages share; how often each comes
//! follows Zipf's law. Lines are drawn from the patterns of a language, and filled with words and
//! numbers.

use super::chance::Chance;

/// Words that all packages share, and words of one package.
const SHARED: usize = 900;
const OWN: usize = 700;

/// The patterns of lines: `$` is a word, `@` a word that begins with a capital, `%` a number.
pub(super) struct Language {
    lines: &'static [&'static str],
    /// How far one level of nesting is indented.
    indent: usize,
}

pub(super) const PYTHON: Language = Language {
    indent: 4,
    lines: &[
        "def $_$(self, $, $=None):",
        "return self.$.$($, $_$)",
        "$ = $_$($, %)",
        "self.$_$ = $.get(\"$\", \"$-$\")",
        "# $ $ $ $ $ $ $ $",
        "if $ is not None and $.$ > %:",
        "\"\"\"@ $ $ $ $ $ $.\"\"\"",
        "from $.$_$ import @$, $",
        "for $ in $.$(%, $=$):",
        "raise @Error(f\"$ $ {$} $ $\")",
        "assert $_$.$ == [%, %, \"$\"]",
        "class @$(@):",
        "",
    ],
};

pub(super) const RUBY: Language = Language {
    indent: 2,
    lines: &[
        "def $_$($, $ = nil)",
        "@$.$($) { |$| $.$ }",
        "$ = $_$.$(:$, %)",
        "# $ $ $ $ $ $ $ $",
        "return $ unless $.$?(\"$ $\")",
        "end",
        "class @$ < @::@",
        "require \"$/$_$\"",
        "expect($.$).to eq([%, \"$\"])",
        "attr_reader :$, :$_$",
        "raise @Error, \"$ $ #{$} $\" if $ > %",
        "",
    ],
};

pub(super) const PROSE: Language = Language {
    indent: 0,
    lines: &[
        "@ $ $ $ $, $ $ $ $ $ $ $.",
        "@ $ $ $ $ $ $ $ `$_$` $ $ $ $.",
        "* $ $ $ $ $ $ $",
        "## @ $ $",
        "    $ --$=% $ $",
        "",
    ],
};

/// The words of one package.
pub(super) struct Vocabulary {
    words: Vec<String>,
    /// How often each word and those before it come, all together at the end.
    sums: Vec<u64>,
}

impl Vocabulary {
    /// Draws the words of the package that `chance` belongs to; `seed` is that of all packages.
    pub(super) fn new(seed: u64, chance: &mut Chance) -> Self {
        let mut common = Chance::new(seed, u64::MAX - 1);
        let shared = (0..SHARED).map(|_| word(&mut common));
        let mut words: Vec<String> = shared.collect();
        words.extend((0..OWN).map(|_| word(chance)));
        chance.shuffle(&mut words);
        let mut sum = 0;
        let weights = (3..).map(|rank| 1_000_000_000 / rank);
        let sums = weights.take(words.len()).map(|weight: u64| {
            sum += weight;
            sum
        });
        Self {
            sums: sums.collect(),
            words,
        }
    }

    /// One word, the frequent ones more often.
    pub(super) fn word(&self, chance: &mut Chance) -> &str {
        let all = *self.sums.last().expect("there are words");
        let at = chance.next() % all;
        &self.words[self.sums.partition_point(|it| *it <= at)]
    }

    /// Lines of about `size` bytes.
    pub(super) fn text(&self, language: &Language, size: usize, chance: &mut Chance) -> Vec<u8> {
        let mut out = Vec::with_capacity(size + 128);
        let mut depth = 0;
        while out.len() < size {
            let line = chance.pick(language.lines);
            // Nesting changes by a step or not at all, as it does in code.
            depth = (depth + chance.below(3)).clamp(1, 5) - 1;
            out.resize(out.len() + depth * language.indent, b' ');
            self.line(line, &mut out, chance);
            out.push(b'\n');
        }
        out
    }

    fn line(&self, pattern: &str, out: &mut Vec<u8>, chance: &mut Chance) {
        for c in pattern.bytes() {
            match c {
                b'$' => out.extend(self.word(chance).bytes()),
                b'@' => {
                    let start = out.len();
                    out.extend(self.word(chance).bytes());
                    out[start].make_ascii_uppercase();
                }
                b'%' => out.extend(chance.below(10_000).to_string().bytes()),
                c => out.push(c),
            }
        }
    }
}

/// A word of syllables.
pub(super) fn word(chance: &mut Chance) -> String {
    const STARTS: [&str; 20] = [
        "b", "c", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "st", "tr",
        "pl", "br", "ch",
    ];
    const MIDDLES: [&str; 8] = ["a", "e", "i", "o", "u", "ea", "io", "ou"];
    const ENDS: [&str; 8] = ["", "", "", "n", "r", "s", "t", "x"];
    let mut out = String::new();
    for _ in 0..1 + chance.below(3) {
        out.push_str(chance.pick(&STARTS));
        out.push_str(chance.pick(&MIDDLES));
        out.push_str(chance.pick(&ENDS));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::collections::HashMap;
    use std::io::Write as _;

    fn compressed(bytes: &[u8]) -> usize {
        let mut out = GzEncoder::new(Vec::new(), Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap().len()
    }

    #[test]
    fn it_compresses_as_source_code_does() {
        for (number, language) in (1..).zip([&PYTHON, &RUBY, &PROSE]) {
            let mut chance = Chance::new(1, number);
            let words = Vocabulary::new(1, &mut chance);
            let text = words.text(language, 200_000, &mut chance);
            let ratio = 200_000 * 100 / compressed(&text);
            assert!((280..500).contains(&ratio), "ratio {ratio} of {number}");
        }
    }

    #[test]
    fn words_follow_the_law_of_zipf() {
        let mut chance = Chance::new(3, 4);
        let words = Vocabulary::new(3, &mut chance);
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for _ in 0..100_000 {
            *counts.entry(words.word(&mut chance)).or_default() += 1;
        }
        let mut counts: Vec<u32> = counts.into_values().collect();
        counts.sort_unstable_by_key(|it| std::cmp::Reverse(*it));
        // The tenth comes about a quarter as often as the first, by 3 / 12.
        let share = f64::from(counts[9]) / f64::from(counts[0]);
        assert!((0.18..0.35).contains(&share), "{share}");
        assert!(counts.len() > 1000);
    }
}

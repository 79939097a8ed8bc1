//! The lint of migrations: each file either adds or takes away, keeps nobody waiting, and loses nothing; a released
//! file never changes. Where a rule must give way, the file says which, who says so and why:
//! `-- signed drop old_notes by Ada Byron: nobody reads it since 1.4`.

mod rules;
mod sql;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Context;
use rules::{Side, judge, made};
use sha2::{Digest, Sha256};
use sql::statements;

/// The list of released files and what each was: `{sha256}  {folder}/{file}`, as sha256sum writes it.
pub const RELEASED: &str = "released.sha256";
/// sqlx runs a file that begins so outside of a transaction.
const OUTSIDE: &str = "-- no-transaction";

/// How a file treats others who work meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Others may wait for it: it must be brief.
    Brief,
    /// It validates only, which keeps nobody waiting.
    Long,
    /// It builds an index, outside of a transaction and besides the others.
    Beside,
}

impl Pace {
    /// That of a file.
    pub fn of(text: &str) -> Self {
        let all = statements(text);
        let has = |words: &[String], word: &str| words.iter().any(|w| w == word);
        match all.as_slice() {
            [one] if has(&one.words, "concurrently") && has(&one.words, "index") => Self::Beside,
            [] => Self::Brief,
            all if all.iter().all(|s| s.words.first().is_some_and(|w| w == "alter") && has(&s.words, "validate")) => Self::Long,
            _ => Self::Brief,
        }
    }
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The file, as `tenant/0004_x.sql`.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The rule, which a signature names.
    pub rule: String,
    /// A sentence.
    pub message: String,
}

/// A rule that gives way in this file.
struct Signature {
    rule: String,
    names: Vec<String>,
    line: usize,
    is_whole: bool,
}

fn signatures(text: &str) -> Vec<Signature> {
    let signed = |(number, line): (usize, &str)| {
        let (head, why) = line.strip_prefix("-- signed ")?.split_once(':').unwrap_or((line, ""));
        let head = head.strip_prefix("-- signed ").unwrap_or(head);
        let (what, who) = head.split_once(" by ").unwrap_or((head, ""));
        let mut words = what.split_whitespace().map(|word| word.trim_end_matches(',').to_lowercase());
        let rule = words.next().unwrap_or_default();
        Some(Signature { rule, names: words.collect(), line: number + 1, is_whole: !who.trim().is_empty() && why.trim().len() >= 10 })
    };
    text.lines().enumerate().filter_map(signed).collect()
}

/// Tables of which a file says, signed, that it takes them or rows of them away, or writes them anew.
pub fn signed_tables(text: &str) -> Vec<String> {
    let all = signatures(text).into_iter().filter(|s| s.is_whole && matches!(&*s.rule, "drop" | "truncate" | "delete" | "rewrite"));
    all.flat_map(|signature| signature.names).collect()
}

/// What is wrong with one file.
pub fn check(file: &str, text: &str) -> Vec<Finding> {
    let finding = |line: usize, rule: &str, message: &str| Finding { file: file.into(), line, rule: rule.into(), message: message.into() };
    let (all, signed) = (statements(text), signatures(text));
    let made: Vec<String> = all.iter().filter_map(made).collect();
    let judged: Vec<_> = all.iter().map(|statement| (statement.line, judge(statement, &made))).collect();
    let mut found: Vec<Finding> =
        judged.iter().flat_map(|(line, judged)| judged.broken.iter().map(|(rule, why)| finding(*line, rule, why))).collect();
    let has = |side: Side| judged.iter().find(|(_, judged)| judged.side == side).map(|(line, _)| *line);
    if let (Some(_), Some(line)) = (has(Side::Expand), has(Side::Contract)) {
        found.push(finding(line, "both", "a file either adds or takes away, never both"));
    }
    for (word, other) in [("-- expand", Side::Contract), ("-- contract", Side::Expand)] {
        if let (true, Some(line)) = (text.lines().any(|l| l.trim() == word), has(other)) {
            found.push(finding(line, "both", "this is not what the file's head says that it is"));
        }
    }
    if let Some((line, _)) = judged.iter().filter(|(_, judged)| judged.locks.is_some()).nth(1) {
        found.push(finding(*line, "locks", "one file locks one table that is there once: others wait for all of it"));
    }
    let is_beside = all.iter().any(|s| s.words.iter().any(|w| w == "concurrently"));
    if is_beside != text.starts_with(OUTSIDE) || (is_beside && all.len() > 1) {
        found.push(finding(1, "index", "what is done concurrently stands alone, in a file that begins with `-- no-transaction`"));
    }
    found.retain(|f| !signed.iter().any(|s| s.is_whole && s.rule == f.rule));
    let unsigned = signed.iter().filter(|s| !s.is_whole);
    found.extend(unsigned.map(|s| finding(s.line, "signature", "who signs, and why: -- signed RULE [TABLES] by NAME: REASON")));
    found
}

/// What is wrong with a folder of migrations, which has the folders `control` and `tenant`. Released files must be
/// what they were; all others keep the rules.
pub fn check_folder(folder: &Path) -> anyhow::Result<Vec<Finding>> {
    let list = std::fs::read_to_string(folder.join(RELEASED)).with_context(|| format!("reading {}", folder.join(RELEASED).display()))?;
    let released: BTreeMap<&str, &str> = list.lines().filter_map(|line| line.split_once("  ")).map(|(sum, file)| (file, sum)).collect();
    let (mut found, mut seen, mut versions) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for plane in ["control", "tenant"] {
        for name in files(&folder.join(plane))? {
            let (file, text) = (format!("{plane}/{name}"), std::fs::read_to_string(folder.join(plane).join(&name))?);
            let sum: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
            match released.get(file.as_str()) {
                Some(was) if *was == sum => {}
                Some(_) => found.push(wrong(&file, "released", "a released file never changes")),
                None => found.extend(check(&file, &text)),
            }
            let version = name.split('_').next().unwrap_or_default().to_owned();
            if version.len() != 4 || !version.chars().all(|c| c.is_ascii_digit()) || !versions.insert((plane, version)) {
                found.push(wrong(&file, "name", "a file's name begins with four digits that no other file has"));
            }
            seen.insert(file);
        }
    }
    let gone = released.keys().filter(|file| !seen.contains(**file));
    found.extend(gone.map(|file| wrong(file, "released", "a released file never goes")));
    Ok(found)
}

fn wrong(file: &str, rule: &str, message: &str) -> Finding {
    Finding { file: file.into(), line: 1, rule: rule.into(), message: message.into() }
}

fn files(folder: &Path) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    let mut names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<anyhow::Result<Vec<_>>>()?;
    names.retain(|name| name.ends_with(".sql"));
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<String> {
        check("tenant/0009_x.sql", text).into_iter().map(|f| f.rule).collect()
    }

    #[test]
    fn each_rule_refuses_what_it_is_for_and_nothing_else() {
        for (text, rules) in [
            ("", vec![]),
            ("create table a (b int not null references c (d), e int generated always as identity); create index on a (b);", vec![]),
            ("create table a (b int); alter table a add constraint x check (b > 0); insert into a values (1)", vec![]),
            ("-- expand\nalter table users add column a int, add column b boolean not null default false", vec![]),
            ("alter table users add column at timestamptz default now()", vec![]),
            ("alter table users add column id uuid default gen_random_uuid()", vec!["rewrite"]),
            ("alter table users add column id bigserial", vec!["rewrite"]),
            ("alter table users add column n int generated always as (1) stored", vec!["rewrite"]),
            ("alter table users alter column id type bigint", vec!["rewrite"]),
            ("alter table users alter column id set data type bigint", vec!["rewrite"]),
            ("alter table users add column a int not null", vec!["not-null"]),
            ("alter table users alter column a set not null", vec!["not-null"]),
            ("alter table users alter column a set default 1", vec![]),
            ("alter table users add column a int check (a > 0)", vec!["constraint"]),
            ("alter table users add column a int references b (c)", vec!["constraint"]),
            ("alter table users add constraint x check (a > 0)", vec!["constraint"]),
            ("alter table users add constraint x check (a > 0) not valid", vec![]),
            ("alter table users validate constraint x", vec![]),
            ("alter table users add unique using index users_a", vec![]),
            ("alter table users drop column a", vec!["drop"]),
            ("drop table users cascade", vec!["drop", "cascade"]),
            ("drop index users_a", vec!["drop"]),
            ("truncate users", vec!["truncate"]),
            ("delete from users", vec!["delete"]),
            ("update users set a = 1", vec!["update"]),
            ("insert into users values (1)", vec!["insert"]),
            ("create table a (b int references c on delete cascade)", vec!["cascade"]),
            ("alter table users rename column a to b", vec!["rename"]),
            ("do $$ begin drop table users; end $$", vec!["do"]),
            ("vacuum users", vec!["unknown"]),
            ("alter table users enable row level security", vec!["unknown"]),
            ("create index users_a on users (a)", vec!["index"]),
            ("create index concurrently if not exists users_a on users (a)", vec!["index"]),
            ("-- no-transaction\ncreate index concurrently if not exists users_a on users (a)", vec![]),
            ("-- no-transaction\ncreate unique index concurrently users_a on users (a)", vec!["index"]),
            ("-- no-transaction\ncreate index concurrently if not exists a on b (c); select 1", vec!["index"]),
            ("-- no-transaction\nselect 1", vec!["index"]),
            ("alter table a add column b int; alter table c add column d int", vec!["locks"]),
            ("alter table a add column b int; create trigger t before insert on a for each row execute function f()", vec!["locks"]),
            ("alter table a validate constraint b; alter table c validate constraint d", vec![]),
            ("create table a (b int);\n-- signed drop old by Ada: no\ndrop table old", vec!["drop", "both", "signature"]),
            ("-- signed drop old by Ada Byron: nobody reads it since 1.4\ndrop table old", vec![]),
            ("-- signed drop old: nobody reads it since 1.4\ndrop table old", vec!["drop", "signature"]),
            ("-- signed truncate old by Ada Byron: nobody reads it since 1.4\ndrop table old", vec!["drop"]),
            ("-- contract\ncreate table a (b int)", vec!["both"]),
            ("alter table a add column b int, drop column c", vec!["both", "drop"]),
        ] {
            assert_eq!(broken(text), rules, "{text}");
        }
    }

    #[test]
    fn a_file_says_how_it_treats_others() {
        for (text, pace) in [
            ("", Pace::Brief),
            ("alter table a add column b int", Pace::Brief),
            ("alter table a validate constraint b;", Pace::Long),
            ("alter table a validate constraint b; alter table a add column c int", Pace::Brief),
            ("-- no-transaction\ncreate index concurrently if not exists a on b (c);", Pace::Beside),
            ("create index concurrently a on b (c); select 1", Pace::Brief),
        ] {
            assert_eq!(Pace::of(text), pace, "{text}");
        }
        assert_eq!(signed_tables("-- signed drop old_notes, older by Ada Byron: nobody reads them"), ["old_notes", "older"]);
        assert!(signed_tables("-- signed cascade old by Ada Byron: nobody reads it\n-- signed drop x: no").is_empty());
    }

    #[test]
    fn the_migrations_of_this_release_keep_the_rules_and_released_ones_are_what_they_were() {
        let found = check_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations")).expect("readable");
        assert!(found.is_empty(), "{found:#?}");
    }
}

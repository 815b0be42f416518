//! JSON: an object in each line, an array of them, or an array of `users` in an object.

use std::io::{self, Read};

use memchr::memchr;

use super::json_scan::{Nesting, first_members, string_end, value_end};
use super::window::Window;
use super::{Next, RECORD_LIMIT, line_at, read_more_of_record, text_of, too_long};
use crate::broken::{BrokenFile, Trouble};
use crate::format::ImportFormat;
use crate::formats::json_record::{self, Read as Read_};
use crate::options::ReadOptions;
use crate::record::{Record, RecordText};

/// Where in the structure of a file the reading is.
pub(super) struct JsonValues {
    place: Place,
    /// The array of users has been met.
    has_users: bool,
}

#[derive(Clone, Copy)]
enum Place {
    /// A value in each line.
    Lines,
    /// Before an item of the array, or its end.
    Items { is_first: bool, is_wrapped: bool },
    /// Before a member of the object around the array, or its end.
    Members { is_first: bool },
    /// Behind the array, or the object around it.
    Behind,
}

impl JsonValues {
    /// Finds out how a file is built.
    pub(super) fn open<R: Read>(window: &mut Window<R>, format: ImportFormat) -> Result<Self, BrokenFile> {
        let place = match peek(window)? {
            Some(b'[') => {
                window.take(1);
                Place::Items { is_first: true, is_wrapped: false }
            }
            Some(b'{') if may_be_wrapped(format) && is_wrapper(window)? => {
                window.take(1);
                Place::Members { is_first: true }
            }
            _ => Place::Lines,
        };
        Ok(Self { place, has_users: false })
    }

    pub(super) fn next<R: Read>(
        &mut self,
        window: &mut Window<R>,
        options: &ReadOptions,
        number: u64,
    ) -> Result<Next, BrokenFile> {
        loop {
            let found = match self.place {
                Place::Lines => find_line(window)?,
                Place::Items { is_first, is_wrapped } => {
                    let item = find_item(window, is_first)?;
                    self.place = match item {
                        Some(_) => Place::Items { is_first: false, is_wrapped },
                        None if is_wrapped => Place::Members { is_first: false },
                        None => Place::Behind,
                    };
                    if item.is_none() {
                        continue;
                    }
                    item
                }
                Place::Members { is_first } => {
                    self.place = self.walk_members(window, is_first)?;
                    continue;
                }
                Place::Behind => match peek(window)? {
                    Some(_) => return Err(broken(window, "there is something behind its end")),
                    None => None,
                },
            };
            let Some(length) = found else {
                return Ok(Next::End);
            };
            let json = text_of(window, length)?;
            let next = match json_record::read(json.trim_ascii_end(), window.line(), options)? {
                Read_::User(user) => {
                    let text = RecordText(json.trim_ascii_end().to_owned());
                    Next::Record(Box::new(Record { number, line: window.line(), text, user }))
                }
                Read_::PassedOver => Next::PassedOver,
            };
            window.take(length);
            return Ok(next);
        }
    }

    /// Goes to the array of users, or behind the object.
    fn walk_members<R: Read>(&mut self, window: &mut Window<R>, is_first: bool) -> Result<Place, BrokenFile> {
        let mut is_first = is_first;
        loop {
            match peek(window)? {
                Some(b'}') if !self.has_users => return Err(broken(window, "there is no array of users in it")),
                Some(b'}') => {
                    window.take(1);
                    return Ok(Place::Behind);
                }
                Some(b',') if !is_first => window.take(1),
                Some(b'"') if is_first => {}
                Some(_) => return Err(stray(window)),
                None => return Err(cut_off(window)),
            }
            is_first = false;
            if peek(window)? != Some(b'"') {
                return Err(stray(window));
            }
            let end = whole(window, string_end)?;
            let is_users = window.bytes().get(..end) == Some(b"\"users\"");
            window.take(end);
            expect(window, b':')?;
            if peek(window)? == Some(b'[') && is_users {
                window.take(1);
                self.has_users = true;
                return Ok(Place::Items { is_first: true, is_wrapped: true });
            }
            skip_value(window)?;
        }
    }
}

/// Whether a file begins as JSON does, and not as CSV.
pub(super) fn begins_as_json<R: Read>(window: &mut Window<R>) -> io::Result<bool> {
    Ok(matches!(peek(window)?, Some(b'{' | b'[') | None))
}

/// The systems that write an object around their users.
fn may_be_wrapped(format: ImportFormat) -> bool {
    matches!(format, ImportFormat::Keycloak | ImportFormat::Firebase)
}

/// Whether the object that the file begins with holds users rather than being one: it does not end in its first line, or
/// it has a member of that name.
fn is_wrapper<R: Read>(window: &mut Window<R>) -> io::Result<bool> {
    while memchr(b'\n', window.bytes()).is_none() && window.bytes().len() <= RECORD_LIMIT && !window.is_at_end() {
        window.read_on()?;
    }
    let line = window.bytes().split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(value_end(line).is_none() || first_members(line).iter().any(|name| name == "users"))
}

/// The length of the next line that is not blank.
fn find_line<R: Read>(window: &mut Window<R>) -> Result<Option<usize>, BrokenFile> {
    if peek(window)?.is_none() {
        return Ok(None);
    }
    let length = whole_line(window)?;
    if length > RECORD_LIMIT {
        return Err(too_long(window));
    }
    Ok(Some(length))
}

fn whole_line<R: Read>(window: &mut Window<R>) -> Result<usize, BrokenFile> {
    loop {
        if let Some(length) = memchr(b'\n', window.bytes()) {
            return Ok(length);
        }
        if window.is_at_end() {
            return Ok(window.bytes().len());
        }
        read_more_of_record(window)?;
    }
}

/// The length of the next item of an array; `None` behind its end.
fn find_item<R: Read>(window: &mut Window<R>, is_first: bool) -> Result<Option<usize>, BrokenFile> {
    match peek(window)? {
        Some(b']') => {
            window.take(1);
            return Ok(None);
        }
        Some(b',') if !is_first => {
            window.take(1);
            if matches!(peek(window)?, Some(b']')) {
                return Err(stray(window));
            }
        }
        Some(_) if is_first => {}
        Some(_) => return Err(stray(window)),
        None => return Err(cut_off(window)),
    }
    if peek(window)?.is_none() {
        return Err(cut_off(window));
    }
    let length = whole(window, value_end)?;
    if length == 0 {
        return Err(stray(window));
    }
    Ok(Some(length))
}

/// The length of what `end` finds the end of.
fn whole<R: Read>(window: &mut Window<R>, end: impl Fn(&[u8]) -> Option<usize>) -> Result<usize, BrokenFile> {
    loop {
        match end(window.bytes()) {
            Some(length) if length > RECORD_LIMIT => return Err(too_long(window)),
            Some(length) => return Ok(length),
            None if window.is_at_end() => return Err(cut_off(window)),
            None => read_more_of_record(window)?,
        }
    }
}

/// Takes a value of whatever length.
fn skip_value<R: Read>(window: &mut Window<R>) -> Result<(), BrokenFile> {
    match peek(window)? {
        Some(b'{' | b'[') => {}
        Some(_) => {
            let length = whole(window, value_end)?;
            window.take(length);
            return Ok(());
        }
        None => return Err(cut_off(window)),
    }
    let mut nesting = Nesting::default();
    loop {
        let end = nesting.go_on(window.bytes());
        window.take(end.unwrap_or(window.bytes().len()));
        if end.is_some() {
            return Ok(());
        }
        if window.is_at_end() {
            return Err(cut_off(window));
        }
        window.read_on()?;
    }
}

fn expect<R: Read>(window: &mut Window<R>, sign: u8) -> Result<(), BrokenFile> {
    match peek(window)? {
        Some(byte) if byte == sign => window.take(1),
        Some(_) => return Err(stray(window)),
        None => return Err(cut_off(window)),
    }
    Ok(())
}

/// The next byte that is no white space, up to which everything is taken; `None` at the end.
fn peek<R: Read>(window: &mut Window<R>) -> io::Result<Option<u8>> {
    loop {
        let blank = window.bytes().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if blank > 0 {
            window.take(blank);
        }
        match window.bytes().first() {
            Some(byte) => return Ok(Some(*byte)),
            None if window.is_at_end() => return Ok(None),
            None => window.read_on()?,
        }
    }
}

fn stray<R: Read>(window: &Window<R>) -> BrokenFile {
    broken(window, "there is something that cannot stand there")
}

fn cut_off<R: Read>(window: &Window<R>) -> BrokenFile {
    let problem = "it ends too early";
    Trouble::Json { problem, column: None }.at(line_at(window, window.bytes().len()))
}

fn broken<R: Read>(window: &Window<R>, problem: &'static str) -> BrokenFile {
    Trouble::Json { problem, column: None }.at(window.line())
}

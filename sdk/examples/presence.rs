// SPDX-License-Identifier: Apache-2.0
//
// Who is here? `presence:{room:N}` is a sorted set of users, scored with the moment of their last heartbeat, in
// ms. This scanner takes out those who have been silent for longer than `timeout`, and publishes each of them on
// the channel `presence:{room:N}:left`. Whoever came back meanwhile stays: the script looks again before it acts.
//
//     rustc --edition 2021 -O -C strip=symbols --crate-type cdylib presence.rs -o presence.so
//
// Rust's runtime may leave things behind on a thread until that thread ends (a thread-local, the count of a
// panic), and so pin the library: write `unload: never` for this scanner. A reload still replaces it; the old
// build just stays in memory.
use std::ffi::c_void;
use std::mem::size_of;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::null;

// The script: who is silent, at most as many as the page allows; how many they were.
const TAKE_OUT: &str = "
    local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
    for _, user in ipairs(gone) do
      redis.call('ZREM', KEYS[1], user)
      redis.call('PUBLISH', KEYS[1] .. ':left', user)
    end
    return #gone";

struct Presence {
    host: &'static abi::Host,
    blocking: &'static abi::Blocking,
    take_out: *const c_void, // sent by its name; with its text where the server lacks it
    timeout_ms: i64,
}

impl Presence {
    fn new(host: &'static abi::Host) -> Result<Presence, String> {
        let blocking = unsafe { (host.get_extension)(host, BLOCKING) as *const abi::Blocking };
        let blocking = unsafe { blocking.as_ref() }.ok_or("this host does not offer scanhost.blocking/1")?;
        let take_out = unsafe { (host.script)(host, text(TAKE_OUT)) };
        let mut timeout_ms = 0;
        match unsafe { (host.option_integer)(host, text("timeout"), &mut timeout_ms) } {
            abi::OK => Ok(Presence { host, blocking, take_out, timeout_ms }),
            status => Err(format!("the option timeout cannot be read: status {}", status)),
        }
    }

    // One scan of one room.
    fn scan(&self, scan: abi::Scan, tag: &str) -> abi::ScanResult {
        let key = format!("presence:{}", tag);
        let mut found =
            abi::ScanResult { struct_size: size_of::<abi::ScanResult>() as u32, ..Default::default() };
        let mut acted = 0;
        loop {
            let allowance = unsafe { (self.blocking.next_page)(self.host, scan, 0, acted) };
            if allowance == 0 {
                return found;
            }
            let limit = unsafe { (self.host.now_ms)(self.host, scan) } - self.timeout_ms;
            let words = ["1", &key, &limit.to_string(), &allowance.to_string()];
            match self.act(scan, &key, &words, allowance) {
                Some(0) => return found, // nobody is left who is silent
                Some(left) => acted = left as u32,
                None => {
                    found.errors += 1; // the next cycle tries again
                    return found;
                }
            }
            found.processed += u64::from(acted);
        }
    }

    // Runs the script, which takes out at most `most` users; its answer, where that is a number.
    fn act(&self, scan: abi::Scan, room: &str, words: &[&str], most: u32) -> Option<i64> {
        let args: Vec<abi::Text> = words.iter().map(|word| text(word)).collect();
        let command = abi::Command {
            struct_size: size_of::<abi::Command>() as u32,
            flags: abi::ACTS,
            args: args.as_ptr(),
            arg_count: args.len(),
            route: text(""),
            item: text(room),
            due_ms: 0,
            script: self.take_out,
            item_count: most,
            reserved: 0,
        };
        unsafe {
            let replies = (self.blocking.execute)(self.host, scan, &command, 1, size_of::<abi::Command>());
            let outcome = &*replies.as_ref()?.outcomes; // the first of one: no stride to walk by
            let reply = outcome.reply.as_ref();
            let answer = reply.filter(|node| outcome.kind == abi::REPLY && node.kind == abi::INTEGER);
            let answer = answer.map(|node| node.integer);
            (self.host.replies_release)(self.host, scan, replies);
            answer
        }
    }
}

// --- between the ABI and the scanner: no panic may cross -----------------------------------------------

unsafe extern "C" fn create(
    host: *const abi::Host,
    instance: *mut *mut c_void,
    error: *mut abi::Error,
) -> i32 {
    let created = catch_unwind(|| Presence::new(&*host)).unwrap_or_else(|_| Err("it panicked".into()));
    match created {
        Ok(presence) => {
            *instance = Box::into_raw(Box::new(presence)) as *mut c_void;
            abi::OK
        }
        Err(why) => {
            let error = &mut *error;
            error.size = why.len().min(error.capacity);
            std::ptr::copy_nonoverlapping(why.as_ptr(), error.buffer, error.size);
            abi::FAILED
        }
    }
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    drop(Box::from_raw(instance as *mut Presence));
}

unsafe extern "C" fn scan(instance: *mut c_void, scan: abi::Scan, partition: *const abi::Partition) {
    let presence = &*(instance as *const Presence);
    let tag = (*partition).tag.as_str();
    match catch_unwind(AssertUnwindSafe(|| presence.scan(scan, tag))) {
        Ok(result) => (presence.host.finish)(presence.host, scan, &result),
        Err(_) => (presence.host.fail)(presence.host, scan, text("the scan panicked")),
    }
}

// --- the descriptor ------------------------------------------------------------------------------------

const BLOCKING: abi::Text = text("scanhost.blocking/1");

static FAMILY: abi::Family = abi::Family {
    struct_size: size_of::<abi::Family>() as u32,
    default_count: 8,
    name: text("room"),
    tag_pattern: text("{room:*}"),
    count_key: text(""),
    count_field: text(""),
    members: 0, // numbered
    flags: 0,
    members_from: text(""),
};

static TIMEOUT: abi::Opt = abi::Opt {
    struct_size: size_of::<abi::Opt>() as u32,
    kind: abi::DURATION,
    name: text("timeout"),
    help: text("a user who is silent for longer has left"),
    default_value: text("30s"),
    minimum: 1000,
    maximum: 0, // there is none
    flags: abi::HAS_MINIMUM,
    reserved: 0,
    default_values: null(),
    default_value_count: 0,
    choices: null(),
    choice_count: 0,
    real_minimum: 0.0,
    real_maximum: 0.0,
};

static REQUIRED: [abi::Text; 1] = [BLOCKING];

static PLUGIN: abi::Plugin = abi::Plugin {
    magic: abi::MAGIC,
    struct_size: size_of::<abi::Plugin>() as u32,
    abi_major: 1,
    abi_minor_required: 0,
    abi_minor_built: 0,
    reserved: 0,
    flags: abi::SERIAL,
    sdk_version: text("1.0.0"),
    name: text("presence"),
    version: text("1.0.0"),
    summary: text("Takes out users whose heartbeat stopped, and says that they left"),
    author: text(""),
    licence: text("Apache-2.0"),
    families: &FAMILY,
    family_count: 1,
    family_stride: size_of::<abi::Family>(),
    default_interval_ms: 1000,
    default_page_size: 100,
    reserved2: 0,
    options: &TIMEOUT,
    option_count: 1,
    option_stride: size_of::<abi::Opt>(),
    required_extensions: REQUIRED.as_ptr(),
    required_extension_count: 1,
    function_library: text(""),
    functions: null(),
    function_count: 0,
    optional_functions: null(),
    optional_function_count: 0,
    metric_prefix: text(""),
    backlog_gauge: text(""),
    create: Some(create),
    destroy: Some(destroy),
    scan: Some(scan),
    begin_cycle: None,
    end_cycle: None,
    dropped: None,
    get_extension: None,
};

#[no_mangle]
pub extern "C" fn scanhost_plugin_entry() -> *const abi::Plugin {
    &PLUGIN
}

const fn text(from: &str) -> abi::Text {
    abi::Text { data: from.as_ptr(), size: from.len() }
}

// --- scanhost's C headers, as far as this file needs them -------------------------------------------------
pub mod abi {
    use std::ffi::c_void;
    use std::mem::size_of;

    pub const MAGIC: u64 = 0x7473_6f68_6e61_6373;
    pub const SERIAL: u32 = 1;
    pub const OK: i32 = 0;
    pub const FAILED: i32 = 1;
    pub const DURATION: i32 = 3; // the type of an option
    pub const HAS_MINIMUM: u32 = 4; // a flag of an option
    pub const ACTS: u32 = 1; // a flag of a command
    pub const REPLY: i32 = 0; // the kind of an outcome
    pub const INTEGER: i32 = 4; // the kind of a reply

    #[repr(C)]
    #[derive(Clone, Copy)]
    pub struct Text {
        pub data: *const u8,
        pub size: usize,
    }

    impl Text {
        /// # Safety
        /// The bytes are alive, and UTF-8: true of tags and of the names in a descriptor.
        pub unsafe fn as_str<'a>(self) -> &'a str {
            std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.data, self.size))
        }
    }

    #[repr(C)]
    pub struct Error {
        pub buffer: *mut u8,
        pub capacity: usize,
        pub size: usize,
        pub option: Text,
    }

    #[repr(C)]
    pub struct Reply {
        pub kind: i32,
        pub reserved: i32,
        pub integer: i64,
        pub text: Text,
        pub elements: *const Reply,
        pub element_count: usize,
    }

    #[repr(C)]
    pub struct Outcome {
        pub struct_size: u32,
        pub kind: i32,
        pub reply: *const Reply,
        pub message: Text,
    }

    #[repr(C)]
    pub struct Replies {
        pub struct_size: u32,
        pub outcome_stride: u32,
        pub outcome_count: usize,
        pub outcomes: *const Outcome,
    }

    #[repr(C)]
    pub struct Command {
        pub struct_size: u32,
        pub flags: u32,
        pub args: *const Text,
        pub arg_count: usize,
        pub route: Text,
        pub item: Text,
        pub due_ms: i64,
        pub script: *const c_void,
        pub item_count: u32,
        pub reserved: u32,
    }

    pub type Scan = *mut c_void; // the host's handle

    #[repr(C)]
    pub struct Partition {
        pub struct_size: u32,
        pub index: u32,
        pub count: u32,
        pub flags: u32,
        pub tag: Text,
        pub family: Text,
        pub cycle: u64,
        pub member: Text,
    }

    #[repr(C)]
    #[derive(Default)]
    pub struct ScanResult {
        pub struct_size: u32,
        pub flags: u32,
        pub processed: u64,
        pub unchanged: u64,
        pub errors: u64,
        pub skipped: u64,
        pub next_due_ms: i64,
        pub oldest_due_ms: i64,
        pub backlog: u64,
    }

    type Unused = *const c_void; // a function that this file does not call

    #[repr(C)]
    pub struct Host {
        pub struct_size: u32,
        pub abi_major: u16,
        pub abi_minor: u16,
        pub get_extension: unsafe extern "C" fn(*const Host, Text) -> *const c_void,
        pub settings: [Unused; 7], // invalid_reason .. option_text
        pub option_integer: unsafe extern "C" fn(*const Host, Text, *mut i64) -> i32,
        pub option_real: Unused,
        pub script: unsafe extern "C" fn(*const Host, Text) -> *const c_void,
        pub function_available: Unused,
        pub now_ms: unsafe extern "C" fn(*const Host, Scan) -> i64,
        pub about_scan: [Unused; 2], // route_now_ms, set_scan_data
        pub execute: Unused,
        pub replies_release: unsafe extern "C" fn(*const Host, Scan, *const Replies),
        pub waiting: [Unused; 3], // next_page, after, cancelled
        pub finish: unsafe extern "C" fn(*const Host, Scan, *const ScanResult),
        pub fail: unsafe extern "C" fn(*const Host, Scan, Text),
        pub log: Unused,
        pub log_level: Unused,
    }

    #[repr(C)]
    pub struct Blocking {
        pub struct_size: u32,
        pub reserved: u32,
        pub execute: unsafe extern "C" fn(*const Host, Scan, *const Command, usize, usize) -> *const Replies,
        pub next_page: unsafe extern "C" fn(*const Host, Scan, u32, u32) -> u32,
        pub pause: Unused,
    }

    #[repr(C)]
    pub struct Family {
        pub struct_size: u32,
        pub default_count: u32,
        pub name: Text,
        pub tag_pattern: Text,
        pub count_key: Text,
        pub count_field: Text,
        pub members: i32,
        pub flags: u32,
        pub members_from: Text,
    }

    #[repr(C)]
    pub struct Opt {
        pub struct_size: u32,
        pub kind: i32,
        pub name: Text,
        pub help: Text,
        pub default_value: Text,
        pub minimum: i64,
        pub maximum: i64,
        pub flags: u32,
        pub reserved: u32,
        pub default_values: *const Text,
        pub default_value_count: usize,
        pub choices: *const Text,
        pub choice_count: usize,
        pub real_minimum: f64,
        pub real_maximum: f64,
    }

    #[repr(C)]
    pub struct Plugin {
        pub magic: u64,
        pub struct_size: u32,
        pub abi_major: u16,
        pub abi_minor_required: u16,
        pub abi_minor_built: u16,
        pub reserved: u16,
        pub flags: u32,
        pub sdk_version: Text,
        pub name: Text,
        pub version: Text,
        pub summary: Text,
        pub author: Text,
        pub licence: Text,
        pub families: *const Family,
        pub family_count: usize,
        pub family_stride: usize,
        pub default_interval_ms: u64,
        pub default_page_size: u32,
        pub reserved2: u32,
        pub options: *const Opt,
        pub option_count: usize,
        pub option_stride: usize,
        pub required_extensions: *const Text,
        pub required_extension_count: usize,
        pub function_library: Text,
        pub functions: *const Text,
        pub function_count: usize,
        pub optional_functions: *const Text,
        pub optional_function_count: usize,
        pub metric_prefix: Text,
        pub backlog_gauge: Text,
        pub create: Option<unsafe extern "C" fn(*const Host, *mut *mut c_void, *mut Error) -> i32>,
        pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        pub scan: Option<unsafe extern "C" fn(*mut c_void, Scan, *const Partition)>,
        pub begin_cycle: Option<unsafe extern "C" fn(*mut c_void, Scan, u64)>,
        pub end_cycle: Option<unsafe extern "C" fn(*mut c_void, Scan, u64)>,
        pub dropped: Option<unsafe extern "C" fn(*mut c_void, Scan, *mut c_void)>,
        pub get_extension: Option<unsafe extern "C" fn(Text) -> *const c_void>,
    }

    // All are constants of this file, and point to constants.
    unsafe impl Sync for Text {}
    unsafe impl Sync for Family {}
    unsafe impl Sync for Opt {}
    unsafe impl Sync for Plugin {}

    // The sizes of ABI 1.0: a field that was forgotten above does not compile.
    const _: () =
        assert!(size_of::<Reply>() == 48 && size_of::<Outcome>() == 32 && size_of::<Command>() == 80);
    const _: () = assert!(size_of::<ScanResult>() == 64 && size_of::<Partition>() == 72);
    const _: () = assert!(size_of::<Host>() == 200 && size_of::<Blocking>() == 32);
    const _: () = assert!(size_of::<Family>() == 96 && size_of::<Opt>() == 128 && size_of::<Plugin>() == 336);
}

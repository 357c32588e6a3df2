//! Measures ranking on a folder with `notes/`, `queries.*.jsonl` and `qrels.tsv`.
#![allow(clippy::all, clippy::pedantic, reason = "dev")]
use std::collections::HashMap;
use std::path::Path;
use footnote::index::{Builder, Scratch, Index};
use footnote::note::{Note, Section, Span};

fn slug(h: &str) -> String {
    let mut s = String::new();
    for c in h.trim().to_lowercase().chars() {
        if c.is_alphanumeric() || c == '_' || c == '-' { s.push(c) } else if c == ' ' { s.push('-') }
    }
    s
}
fn strip(h: &str) -> String {
    let mut o = String::new();
    let mut tag = false;
    for c in h.chars() {
        match c { '<' => tag = true, '>' if tag => tag = false, '*' | '`' | '\\' => {}, _ if tag => {}, _ => o.push(c) }
    }
    o.trim().to_string()
}
fn split(path: &str, source: String) -> Note {
    let mut note = Note { path: path.to_string(), ..Note::default() };
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut fence = false;
    let mut at = 0;
    let mut stack: Vec<(u8, u32)> = vec![];
    let mut cur = Section { span: Span { start: 0, ..Span::default() }, ..Section::default() };
    for line in source.split_inclusive('\n') {
        let t = line.trim_start();
        if t.starts_with("```") || t.starts_with("~~~") { fence = !fence; }
        let n = line.bytes().take_while(|b| *b == b'#').count();
        if !fence && (1..=6).contains(&n) && line[n..].starts_with(' ') {
            cur.span.end = at as u32;
            if cur.level > 0 || !source[cur.span.start as usize..at].trim().is_empty() { note.sections.push(cur); }
            let h = strip(line[n..].trim().trim_end_matches('#'));
            let mut a = slug(&h);
            let c = seen.entry(a.clone()).or_insert(0);
            if *c > 0 { a = format!("{a}-{c}"); }
            *c += 1;
            let level = n as u8;
            while stack.last().is_some_and(|s| s.0 >= level) { stack.pop(); }
            let parent = stack.last().map(|s| s.1);
            stack.push((level, note.sections.len() as u32));
            if note.name.is_empty() { note.name = h.clone(); }
            cur = Section { heading: h, anchor: a, level, parent, span: Span { start: at as u32, ..Span::default() },
                heading_span: Span { start: at as u32, end: (at + line.len()) as u32, ..Span::default() }, ..Section::default() };
        }
        at += line.len();
    }
    cur.span.end = at as u32;
    if cur.level > 0 || !source[cur.span.start as usize..at].trim().is_empty() { note.sections.push(cur); }
    note.source = source;
    note
}
fn walk(dir: &Path, out: &mut Vec<std::path::PathBuf>) {
    for e in std::fs::read_dir(dir).unwrap() { let p = e.unwrap().path(); if p.is_dir() { walk(&p, out) } else if p.extension().is_some_and(|x| x == "md") { out.push(p) } }
}
fn thread_us() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec as f64 * 1e6 + t.tv_nsec as f64 / 1e3
}
fn rss(key: &str) -> f64 {
    let s = std::fs::read_to_string("/proc/self/status").unwrap();
    s.lines().find(|l| l.starts_with(key)).and_then(|l| l.split_whitespace().nth(1).and_then(|v| v.parse::<f64>().ok())).unwrap_or(0.0) / 1024.0
}
fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    for set in args.iter().filter(|a| !a.starts_with("--")) {
        let dir = Path::new(set);
        let mut files = vec![]; walk(&dir.join("notes"), &mut files); files.sort();
        let mut b = Builder::new();
        let mut ids: Vec<(String, String)> = vec![];
        let mut build = 0.0; let mut parse = 0.0;
        for (i, f) in files.iter().enumerate() {
            let s = String::from_utf8_lossy(&std::fs::read(f).unwrap()).into_owned();
            let t = thread_us();
            let n = split(f.strip_prefix(dir.join("notes")).unwrap().to_str().unwrap(), s);
            let t2 = thread_us(); parse += t2 - t;
            for s in &n.sections { ids.push((n.path.clone(), s.anchor.clone())); }
            let t = thread_us();
            b.add(i as u32, &n);
            build += thread_us() - t;
        }
        let t = thread_us();
        let ix: Index = b.finish();
        let fin = thread_us() - t;
        println!("{set}: {} sections, parse {:.0} add {:.0} finish {:.0} ms, rss {:.0} peak {:.0} MB", ix.len(), parse/1e3, build/1e3, fin/1e3, rss("VmRSS"), rss("VmHWM"));
        let mut qrels: HashMap<String, HashMap<String, f64>> = HashMap::new();
        let qr = std::fs::read_to_string(dir.join("qrels.tsv")).unwrap_or_default();
        for l in qr.lines() { let p: Vec<&str> = l.split('\t').collect(); qrels.entry(p[0].into()).or_default().insert(p[1].into(), p[2].parse().unwrap()); }
        let mut scratch = Scratch::default();
        let mut line = String::new();
        for kind in ["clean", "typo", "typoheavy"] {
            let qs = std::fs::read_to_string(dir.join(format!("queries.{kind}.jsonl"))).unwrap();
            let (mut sum, mut n) = ([0.0; 2], [0.0; 2]);
            let mut times = vec![];
            let passes = if args.iter().any(|a| a == "--time") { 5 } else { 1 };
            for (qi, l) in qs.lines().enumerate() {
                let v: serde_json::Value = serde_json::from_str(l).unwrap();
                let (qid, text) = (v["qid"].as_str().unwrap(), v["text"].as_str().unwrap());
                let none = HashMap::new(); let rel = if qr.is_empty() { &none } else { match qrels.get(qid) { Some(r) => r, None => continue } };
                let by_file = !rel.is_empty() && rel.keys().all(|k| !k.contains('#'));
                let mut hits = vec![]; let mut best = f64::MAX;
                for _ in 0..passes { let t = thread_us(); hits = ix.search(&mut scratch, text, if by_file { 40 } else { 10 }); best = best.min(thread_us() - t); }
                times.push(best);
                let mut seen = vec![];
                for h in &hits { let (p, a) = &ids[h.section.0 as usize]; let id = if by_file { p.clone() } else { format!("{p}#{a}") }; if !seen.contains(&id) { seen.push(id) } }
                let mut dcg = 0.0;
                for (i, id) in seen.iter().take(10).enumerate() { dcg += rel.get(id).unwrap_or(&0.0) / ((i + 2) as f64).log2(); }
                let mut ideal: Vec<f64> = rel.values().copied().collect(); ideal.sort_by(|a, b| b.total_cmp(a));
                let idcg: f64 = ideal.iter().take(10).enumerate().map(|(i, r)| r / ((i + 2) as f64).log2()).sum();
                let nd = dcg / idcg;
                if args.iter().any(|a| a == "--fail") && kind == "clean" && nd < 0.7 { println!("{nd:.2} {text} | want {:?} | got {:?}", rel.keys().next().unwrap(), &seen[..seen.len().min(3)]); }
                if args.iter().any(|a| a == "--failheavy") && kind == "typoheavy" && nd < 0.7 { println!("{nd:.2} {text} | want {:?} | got {:?} {:?}", rel.keys().next().unwrap(), &seen[..seen.len().min(3)], ix.read(&mut scratch, text).words.iter().filter_map(|w| match &w.reading { footnote::index::Reading::Repaired(r) => Some(format!("{}>{:?}", w.text, r.iter().map(|r| format!("{}:{:.2}", r.word, r.weight)).collect::<Vec<_>>())), _ => None }).collect::<Vec<_>>()); }
                sum[qi % 2] += nd; n[qi % 2] += 1.0;
            }
            times.sort_by(f64::total_cmp);
            line += &format!("{kind} {:.4}/{:.4} [{:.4}] {:.0}us/{:.0}us  ", sum[0] / n[0], sum[1] / n[1], (sum[0] + sum[1]) / (n[0] + n[1]), times[times.len() / 2], times[times.len() * 99 / 100]);
        }
        println!("{line}");
    }
}

//! What the kernel knows of a process, and of those it started (proc(5)).

use std::time::Duration;

/// A process and all that it started, and they in turn: a server with a process for each core is one server.
pub(crate) fn family(process: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            // After the state comes the parent.
            Some((id, after_name(id)?.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    let mut members = vec![process];
    let mut looked_at = 0;
    while let Some(parent) = members.get(looked_at).copied() {
        members.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        looked_at += 1;
    }
    members
}

/// Processor time used so far, in its user and kernel parts together.
pub(crate) fn processor_time(process: u32) -> Option<Duration> {
    // Linux counts these in hundredths of a second, whatever the kernel's own clock.
    const TICK: Duration = Duration::from_millis(10);
    let stat = after_name(process)?;
    // utime and stime.
    let ticks: Vec<u32> = stat.split_whitespace().skip(11).take(2).filter_map(|n| n.parse().ok()).collect();
    (ticks.len() == 2).then(|| TICK * ticks.iter().sum())
}

/// What is said of a process's memory under this name, such as `VmRSS:`, in MiB.
pub(crate) fn mebibytes(process: u32, name: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<f64>().ok()? / 1024.0)
}

/// The name stands in brackets and may hold anything.
fn after_name(process: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(')')?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_has_those_that_it_started_in_its_family() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 60 & echo $!; wait"]).stdout(std::process::Stdio::piped());
        let mut child = shell.spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
        let grandchild: u32 = line.trim().parse().unwrap();

        let found = family(std::process::id());
        let of_the_child = family(child.id());
        let pid = rustix::process::Pid::from_raw(i32::try_from(grandchild).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        child.wait().unwrap();

        assert!(found.contains(&child.id()) && found.contains(&grandchild), "{found:?}");
        assert_eq!(of_the_child, [child.id(), grandchild]);
    }

    #[test]
    fn this_process_has_memory_and_has_used_time() {
        let process = std::process::id();
        // Between two looks it may have grown.
        let [peak, now] = ["VmHWM:", "VmRSS:"].map(|name| mebibytes(process, name).unwrap());
        assert!(now > 0.5 && peak > now / 2.0, "{now} MiB now, {peak} at most");
        assert!(processor_time(process).is_some());
        assert_eq!(processor_time(u32::MAX), None);
    }
}

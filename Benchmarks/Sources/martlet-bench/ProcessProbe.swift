import Foundation

/// Readings of this process and this machine; differences of two readings are the measures.
struct ProcessProbe: Sendable {
    /// Monotonic nanoseconds.
    let nanoseconds: UInt64
    /// CPU seconds of all threads of this process, user and system.
    let cpuSeconds: Double
    /// Bytes this process caused to be written to the block layer, in whole pages.
    let writtenBytes: UInt64
    /// CPU seconds burnt on the machine by everybody.
    let machineCPUSeconds: Double

    /// Takes a reading.
    static func now() -> ProcessProbe {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let io = fields("/proc/self/io")
        return ProcessProbe(
            nanoseconds: monotonicNanoseconds(),
            cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            writtenBytes: UInt64(max(0, io["write_bytes"] ?? 0)),
            machineCPUSeconds: machineBusySeconds())
    }

    /// CPU seconds per second that others have burnt since `begin`: neither this process nor those
    /// that took `cpuSeconds`.
    func others(since begin: ProcessProbe, beside cpuSeconds: Double = 0) -> Double {
        let all = machineCPUSeconds - begin.machineCPUSeconds
        let own = self.cpuSeconds - begin.cpuSeconds + cpuSeconds
        return (all - own) / max(Double(nanoseconds - begin.nanoseconds) / 1e9, 1e-9)
    }

    /// Peak and present resident memory of this process, bytes.
    static func residentBytes() -> (peak: Int, now: Int) {
        let status = fields("/proc/self/status")
        return ((status["VmHWM"] ?? 0) << 10, (status["VmRSS"] ?? 0) << 10)
    }

    /// `name: number` lines of a file in /proc.
    private static func fields(_ path: String) -> [String: Int] {
        var result: [String: Int] = [:]
        for line in text(path).split(separator: "\n") {
            let parts = line.split(whereSeparator: { $0 == ":" || $0 == " " || $0 == "\t" })
            if parts.count > 1, let number = Int(parts[1]) { result[String(parts[0])] = number }
        }
        return result
    }

    private static func machineBusySeconds() -> Double {
        let line = text("/proc/stat").split(separator: "\n").first ?? ""
        let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard ticks.count > 6 else { return 0 }
        // user nice system idle iowait irq softirq: all but idle and iowait is work.
        let busy = ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]
        return busy / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    /// A small file's text; empty if it cannot be read. Reads to the end whatever size the file
    /// claims: those in /proc claim none.
    static func text(_ path: String) -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? handle.close() }
        var bytes = Data()
        while let part = try? handle.read(upToCount: 65536), !part.isEmpty { bytes += part }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The monotonic clock, nanoseconds.
@inline(__always)
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// Bytes that a directory's files take on the disk: all of them, and those named `*.log`.
func diskUse(of directory: String) -> (total: Int, logs: Int) {
    var total = 0
    var logs = 0
    for path in (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? [] {
        var status = stat()
        guard lstat(directory + "/" + path, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG
        else { continue }
        total += Int(status.st_blocks) * 512
        if path.hasSuffix(".log") { logs += Int(status.st_blocks) * 512 }
    }
    return (total, logs)
}

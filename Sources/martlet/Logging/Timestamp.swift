import Glibc

/// Times as RFC 3339 writes them, in UTC.
enum Timestamp {
    /// Microseconds since 1970.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(time.tv_sec, 0)) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }

    /// `2026-11-24T20:27:03.123456Z`.
    static func text(of microseconds: UInt64) -> String {
        var seconds = time_t(clamping: microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = [Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday)]
        let time = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
        let day = date.enumerated().map { padded($1, $0 == 0 ? 4 : 2) }.joined(separator: "-")
        let clock = time.map { padded($0, 2) }.joined(separator: ":")
        return "\(day)T\(clock).\(padded(Int(microseconds % 1_000_000), 6))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

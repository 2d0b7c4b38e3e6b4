/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date in the one form that may be sent.
enum RetryAfter {
    /// The longest delay that is believed: a day.
    static let secondsMax: UInt32 = 86_400

    /// - Parameter now: seconds since 1970.
    static func seconds(_ text: String, now: UInt64) -> UInt32? {
        if let seconds = UInt64(text) { return UInt32(min(seconds, UInt64(secondsMax))) }
        guard let date = date(text) else { return nil }
        return date <= now ? 0 : UInt32(min(date - now, UInt64(secondsMax)))
    }

    /// Seconds since 1970 of a date like `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> UInt64? {
        let parts = text.split(separator: " ")
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        guard parts.count == 6, parts[0].hasSuffix(","), parts[5] == "GMT",
            let day = Int(parts[1]), (1...31).contains(day),
            let month = months.firstIndex(of: String(parts[2])),
            let year = Int(parts[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { UInt64($0) }
        guard clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60 else { return nil }
        let days = UInt64(days(year: year, month: month + 1, day: day))
        return days * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2]
    }

    /// Days since 1970 in the Gregorian calendar, counted in years that begin in March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}

/// The day of a log, from its file's name, and the times in it.
struct LogDate {
    private let midnight: UInt64
    private var days: UInt64 = 0
    private var lastMinute = 0

    /// The day that `fileName` begins with as YYYY-MM-DD (UTC); 1970-01-01 where it does not.
    init(fileName: String) {
        let digits = fileName.utf8.prefix(10).map { Int($0) - 0x30 }
        guard digits.count == 10, digits[4] == -3, digits[7] == -3,
            [0, 1, 2, 3, 5, 6, 8, 9].allSatisfy({ (0...9).contains(digits[$0]) })
        else {
            midnight = 0
            return
        }
        let year = digits[0] * 1_000 + digits[1] * 100 + digits[2] * 10 + digits[3]
        let month = digits[5] * 10 + digits[6]
        let day = digits[8] * 10 + digits[9]
        guard year >= 1970, (1...12).contains(month), (1...31).contains(day) else {
            midnight = 0
            return
        }
        midnight = UInt64(Self.days(year, month, day)) * 86_400_000_000
    }

    /// Microseconds since 1970 of a minute of the day. One far earlier than the last is of the next
    /// day; a little earlier is a clock set back.
    mutating func time(minute: Int) -> UInt64 {
        if lastMinute - minute > 12 * 60 { days += 1 }
        lastMinute = minute
        return midnight + days * 86_400_000_000 + UInt64(minute) * 60_000_000
    }

    /// Days from 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

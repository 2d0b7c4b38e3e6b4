import Foundation

/// Message texts to draw from: made of words by frequency, or real lines of chat logs.
struct ChatText: Sendable {
    private let pool: [UInt8]
    private let lines: [Range<Int>]

    /// 8 MiB of words: common ones as often as in English (Zipf), a tail of made-up ones.
    init(seed: UInt64) {
        var random = RandomSource(seed: seed, stream: 0x7E87)
        var words = Self.commonWords.split(separator: " ").map { Array($0.utf8) }
        let syllables = [
            "ka", "ro", "ment", "ti", "ver", "lo", "an", "der", "sh", "ing", "pre", "co", "un",
            "est",
            "mi", "bar", "tle", "con", "er", "y",
        ].map { Array($0.utf8) }
        while words.count < 8000 {
            var word: [UInt8] = []
            for _ in 0..<(2 + Int(random.below(3))) {
                word += syllables[Int(random.below(UInt64(syllables.count)))]
            }
            words.append(word)
        }
        let frequency = ZipfDistribution(count: words.count, theta: 0.9)
        var text: [UInt8] = []
        text.reserveCapacity((8 << 20) + 64)
        while text.count < 8 << 20 {
            text += words[frequency.draw(&random)]
            let roll = random.below(16)
            if roll == 0 { text.append(UInt8(ascii: ".")) }
            if roll == 1 { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: " "))
        }
        pool = text
        lines = []
    }

    /// The texts of all `[HH:MM] <nick> text` lines in the files of a directory, in name order.
    init(corpus directory: String) throws {
        var text: [UInt8] = []
        var found: [Range<Int>] = []
        let paths = try FileManager.default.subpathsOfDirectory(atPath: directory).sorted()
        for path in paths {
            guard let content = FileManager.default.contents(atPath: directory + "/" + path) else {
                continue
            }
            for line in content.split(separator: UInt8(ascii: "\n")) {
                guard line.count > 10, line.first == UInt8(ascii: "["),
                    line.dropFirst(8).first == UInt8(ascii: "<"),
                    let close = line.firstIndex(of: UInt8(ascii: ">"))
                else { continue }
                let message = line[close...].dropFirst(2).prefix(Self.longest)
                guard !message.isEmpty else { continue }
                found.append(text.count..<(text.count + message.count))
                text += message
            }
        }
        guard !found.isEmpty else {
            throw BenchError("no [HH:MM] <nick> lines in \(directory)")
        }
        pool = text
        lines = found
    }

    /// The longest text, bytes.
    static let longest = 2000

    /// Copies a random text to `target` and returns its length; generated ones are log-normal with
    /// a mean of about 100 bytes.
    func draw(_ random: inout RandomSource, into target: UnsafeMutableRawPointer) -> Int {
        let range: Range<Int>
        if lines.isEmpty {
            let radius = (-2 * log(1 - random.unit())).squareRoot()
            let normal = radius * cos(2 * Double.pi * random.unit())
            let length = min(Self.longest, max(2, Int(exp(4.36 + 0.7 * normal))))
            let start = Int(random.below(UInt64(pool.count - length)))
            range = start..<(start + length)
        } else {
            range = lines[Int(random.below(UInt64(lines.count)))]
        }
        pool.withUnsafeBytes { bytes in
            if let base = bytes.baseAddress {
                target.copyMemory(from: base + range.lowerBound, byteCount: range.count)
            }
        }
        return range.count
    }

    private static let commonWords = """
        the to i you a and it of is that in for have do not on my be with are so just me \
        this can if but what get was like know at we your no one think there will would all \
        up out now how they yes ok go when time some good from about here want or good see \
        see him her then been make why need really thanks need work still try today tomorrow \
        day night home right back come over say them us an more did had has who got should \
        could maybe lol haha oh well sure please sorry love great nice way thing things much \
        very too also only off where because before after first last week morning later soon \
        people man am pm call phone send sent photo check tell told ask said look find found \
        use using new old same other something anything nothing never always again already \
        yet even around down long little big bad hope feel happy late early wait ready done \
        start stop let take took give gave keep help read write does going gonna wanna meet \
        meeting dinner lunch coffee car bus train house school office money pay buy bought \
        book movie game
        """
}

/// Clock, randomness, files, threads and the terminal are reached through the Environment only.
enum DoorRules {
    /// Types that are doors of their own.
    static let types: Set<String> = [
        "SystemRandomNumberGenerator", "FileManager", "FileHandle", "ContinuousClock",
        "SuspendingClock", "Date", "Thread", "DispatchQueue", "DispatchTime", "ProcessInfo",
    ]
    /// Functions of the C library; a member or a declaration of the same name is none.
    static let functions: Set<String> = [
        "clock_gettime", "gettimeofday", "time", "getrandom", "arc4random", "rand", "random",
        "open", "openat", "fopen", "pread", "pwrite", "fsync", "fdatasync", "unlink", "mkdir",
        "opendir", "socket", "connect", "sleep", "usleep", "nanosleep", "getenv",
    ]
    /// What waits for the clock in place of an event; `Tests/Harness/Deadline.swift` does it for
    /// all.
    static let naps: Set<String> = ["sleep", "usleep", "nanosleep", "clock_nanosleep"]
    /// What only a command may do.
    static let terminal: Set<String> = ["print", "debugPrint", "dump", "readLine"]

    static func check(_ file: SwiftText) -> [Finding] {
        let rooms = ["Sources/MartletStore/", "Sources/MartletChat/"]
        let isHeld = rooms.contains { file.path.hasPrefix($0) }
        let isDoor = file.path.hasPrefix("Sources/MartletStore/Environment/")
        let isLibrary = file.path.hasPrefix("Sources/Martlet")
        return file.words.indices.compactMap { index in
            let word = file.words[index]
            let previous = index > 0 ? file.words[index - 1].text : ""
            let isTerminal = isLibrary && isCall(file, index) && terminal.contains(word.text)
            let isOutside = isHeld && !isDoor && isDoorName(file, index, after: previous)
            if !isTerminal && !isOutside { return nil }
            return Finding(
                path: file.path, line: word.line, message: "`\(word.text)` goes past the doors")
        }
    }

    /// A test or a tool that sleeps is slow where nothing is to be waited for, and wrong where more
    /// is.
    static func naps(_ file: SwiftText) -> [Finding] {
        guard file.path != "Tests/Harness/Deadline.swift" else { return [] }
        return file.words.indices.filter {
            isCall(file, $0) && naps.contains(file.words[$0].text)
        }.map {
            Finding(
                path: file.path, line: file.words[$0].line,
                message: "`\(file.words[$0].text)`: wait for the event, or `waitUntil`")
        }
    }

    private static func isDoorName(_ file: SwiftText, _ index: Int, after previous: String) -> Bool
    {
        let word = file.words[index]
        if types.contains(word.text) || word.text.hasPrefix("pthread_") { return true }
        if previous == "Task", ["sleep", "detached"].contains(word.text) { return true }
        if word.text == "random", file.lines[word.line - 1].contains(".random(in:") {
            return !file.lines[word.line - 1].contains("using:")
        }
        return functions.contains(word.text) && isCall(file, index)
    }

    /// Whether the word is called as a free function.
    private static func isCall(_ file: SwiftText, _ index: Int) -> Bool {
        let word = file.words[index]
        let isDeclared = index > 0 && file.words[index - 1].text == "func"
        let isMember = file.byte(before: word.range.lowerBound) == UInt8(ascii: ".")
        return file.byte(at: word.range.upperBound) == UInt8(ascii: "(") && !isDeclared && !isMember
    }
}

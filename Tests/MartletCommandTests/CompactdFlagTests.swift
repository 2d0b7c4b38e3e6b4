import ArgumentParser
import MartletCompaction
import Testing

@testable import martlet

@Suite("The flags of the compaction daemon") struct CompactdFlagTests {
    private func options(_ flags: String...) throws -> CompactionDaemon.Options {
        let command = try CompactdRunCommand.parse(["--data", "/data"] + flags)
        return try command.options(try command.place.config())
    }

    @Test("set the limits that the daemon holds")
    func limits() throws {
        let given = try options(
            "--jobs", "3", "--nice", "7", "--bytes-per-second", "64MiB", "--memory", "256MiB")
        #expect(given.workers == 3 && given.niceness == 7)
        #expect(given.bytesPerSecond == 64 << 20 && given.memory == 256 << 20)
        #expect(given.data == "/data" && !given.endsWhenIdle)
        let none = try options("--once")
        #expect(none.workers == 1 && none.niceness == 10 && none.endsWhenIdle)
        #expect(none.bytesPerSecond == nil && none.memory == 1 << 30)
    }

    @Test(
        "are refused outside of what is documented",
        arguments: [
            ("--jobs", "0"), ("--jobs", "257"), ("--nice", "20"), ("--nice", "x"),
            ("--bytes-per-second", "much"), ("--memory", "15MiB"),
        ])
    func refused(_ flag: String, _ value: String) {
        #expect(throws: (any Error).self) { try options(flag, value) }
    }
}

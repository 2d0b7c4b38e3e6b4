import ArgumentParser
import Glibc
import MartletStore

/// Standard output, gathered into large writes, and the count of what was damaged.
final class Output {
    private static let flushSize = 64 << 10

    let isJSON: Bool
    private var buffer: [UInt8] = []
    /// How many damages were said.
    private(set) var damages = 0

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// A line of text, only without `--json`.
    func text(_ line: @autoclosure () -> String = "") {
        if isJSON { return }
        append(line())
    }

    /// An object, only with `--json`.
    func object(_ kind: String, _ members: @autoclosure () -> [(String, JSON)]) {
        guard isJSON else { return }
        append(JSON.object([("kind", .string(kind))] + members()).description)
    }

    /// Says what cannot be read: on standard error, and as an object with `--json`.
    func damage(_ error: StoreError, in path: String) {
        damages += 1
        let place = (error.path ?? path) + (error.offset.map { " at \($0)" } ?? "")
        flush()
        Output.complain("damaged: \(place): \(error.message)")
        object(
            "damage",
            [
                ("path", .string(error.path ?? path)), ("offset", .number(error.offset)),
                ("message", .string(error.message)),
            ])
    }

    /// Writes what is gathered, and ends with status 1 where something was damaged.
    func finish() throws {
        flush()
        if damages > 0 { throw ExitCode(1) }
    }

    private func append(_ line: String) {
        buffer.append(contentsOf: line.utf8)
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Output.flushSize { flush() }
    }

    func flush() {
        Output.write(buffer, to: 1)
        buffer.removeAll(keepingCapacity: true)
    }

    static func complain(_ line: String) {
        write(Array(line.utf8) + [UInt8(ascii: "\n")], to: 2)
    }

    private static func write(_ bytes: [UInt8], to descriptor: CInt) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                // Nobody reads any more.
                Glibc.exit(1)
            }
            rest = rest.dropFirst(count)
        }
    }
}

import Glibc
import MartletHarness

/// What `martlet verify` says of each store of a fleet, and whether it says the same of all.
struct StoreCheck {
    private let fleet: Fleet

    init(_ fleet: Fleet) { self.fleet = fleet }

    /// - Parameter areLevel: whether all must hold the same.
    func complaints(areLevel: Bool) throws -> [String] {
        var complaints: [String] = []
        var counts: [(machine: String, lines: [Substring])] = []
        for machine in fleet.machines {
            // A follower that never had a store.
            guard access(machine.data + "/CURRENT", F_OK) == 0 else {
                if areLevel { complaints.append("\(machine.name) has no store") }
                continue
            }
            let path = "\(fleet.settings.directory)/verify-\(machine.name)"
            let code = try fleet.run(machine, ["verify", "--data", machine.data], log: path).wait()
            let lines = Self.text(path).split(whereSeparator: \.isNewline)
            if code != 0 {
                complaints.append("verify of \(machine.name) ended with \(code), see \(path)")
                complaints += lines.filter { $0.hasPrefix("error") }.prefix(5).map { String($0) }
            }
            // The lines about the chat; tables and logs differ.
            let chat = lines.drop { !$0.hasPrefix("users") }.dropLast()
            counts.append((machine.name, chat.filter { !$0.hasPrefix("warning") }))
        }
        guard areLevel, let first = counts.first else { return complaints }
        for other in counts.dropFirst() where other.lines != first.lines {
            let differing = zip(first.lines, other.lines).filter { $0 != $1 }
            complaints.append(
                "\(first.machine) and \(other.machine) differ: "
                    + differing.map { "\($0) | \($1)" }.joined(separator: "; "))
        }
        for machine in fleet.machines.dropFirst() {
            complaints += try difference(fleet.machines[0], machine)
        }
        print(
            "\(counts.count) stores read: "
                + first.lines.map { Self.squeezed($0) }
                .joined(separator: ", "))
        return complaints
    }

    /// Compares cell by cell what readers of the two would see.
    private func difference(_ one: Machine, _ other: Machine) throws -> [String] {
        let path = "\(fleet.settings.directory)/against-\(other.name)"
        let arguments = ["verify", "--data", one.data, "--against", other.data]
        let code = try fleet.run(one, arguments, log: path).wait()
        if code == 0 { return [] }
        let lines = Self.text(path).split(whereSeparator: \.isNewline).prefix(10)
        return ["\(one.name) and \(other.name) are not the same (\(code))"]
            + lines.map { String($0) }
    }

    private static func squeezed(_ line: Substring) -> String {
        line.split(separator: " ").joined(separator: " ")
    }

    private static func text(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

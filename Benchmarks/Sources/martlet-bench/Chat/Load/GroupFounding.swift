/// Makes the groups of a load's clients: each 100 of them, the first of which founds it.
final class GroupFounding: Pulse {
    private let load: Load
    private let directory: MartletDirectory
    private let size: Int
    private var asked = false
    private var refused = 0

    init(_ load: Load, _ directory: MartletDirectory, size: Int) {
        self.load = load
        self.directory = directory
        self.size = size
    }

    /// Returns once all are made; fails if the server does not know groups.
    func found() throws {
        let groups = load.clients.count / size
        let deadline = monotonicNanoseconds() + 30_000_000_000
        load.reactor.run(self) { [self] in
            directory.groups.count + refused == groups || load.reactor.now > deadline
        }
        guard directory.groups.count == groups else {
            throw BenchError("\(directory.groups.count) of \(groups) groups; \(load.problems)")
        }
    }

    func pulse(_ now: UInt64) -> UInt64 {
        if asked { return .max }
        asked = true
        for group in 0..<load.clients.count / size { create(group) }
        return .max
    }

    private func create(_ group: Int) {
        guard let founder = load.clients[group * size] as? MartletClient else { return }
        founder.onAnswer = { [weak founder, self] bytes in
            founder?.onAnswer = nil
            guard let start = bytes.end(of: #""conversation":""#), let id = bytes.hex(at: start)
            else {
                refused += 1
                return
            }
            directory.groups[group] = id
        }
        let output = load.reactor.output
        founder.request(UInt64(group)) {
            output.append(#""create":{"name":"group "#)
            output.append(number: UInt64(group))
            output.append(#"","clientMessageID":"create","members":["#)
            for member in 1..<size {
                let user = group * size + member
                output.append(member == 1 ? "\"" : ",\"")
                output.append(hex: directory.accounts[user]?.id ?? 0)
                output.append("\"")
            }
            output.append("]}")
        }
    }
}

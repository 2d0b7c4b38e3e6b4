import Crypto
import MartletStore

/// Imports IRC logs through `ChatService.send`.
///
/// Every message has a client message id that follows from its file's name, its line's number and
/// what it says, and the sends are stored in the order of the log. So an import that was killed is
/// run again: what is stored is found again, and the rest follows as if nothing had happened.
///
/// `@unchecked Sendable`: `summary`, `underWay` and `failure` are touched under `monitor` only; the
/// rest is the calling thread's.
public final class IRCImporter: @unchecked Sendable {
    private let service: ChatService
    private let fallbackChannel: String
    private let progress: (ImportSummary) -> Void
    private let monitor = Monitor()
    /// An order of this importer's own for its sends.
    private let lane: UInt64
    private var summary = ImportSummary()
    private var underWay = 0
    private var failure: ChatError?
    private var started: UInt64 = 0
    private var reported: UInt64 = 0

    private static let window = 2_048
    private static let usersAtOnce = 1_000

    /// - Parameters:
    ///   - channel: The user that stands for the channel of files whose server lines name none.
    ///   - progress: Called on the importing thread, some times a second.
    public init(
        _ service: ChatService, channel: String = "#irc",
        progress: @escaping (ImportSummary) -> Void = { _ in }
    ) {
        self.service = service
        fallbackChannel = channel
        lane = service.environment.random.next()
        self.progress = progress
    }

    /// Imports files, and the files of directories, in the order of their names within each
    /// directory. Blocks. Throws a `ChatError` or a `StoreError`; run it again then.
    public func run(_ paths: [String]) throws -> ImportSummary {
        guard AccountName.lookupKey(fallbackChannel) != nil else {
            throw ChatError(.badRequest, "'\(fallbackChannel)' cannot be a user's name")
        }
        let fileSystem = service.environment.fileSystem
        started = service.environment.clock.monotonicNanoseconds()
        var files: [String] = []
        for path in paths {
            if let names = try? fileSystem.list(path) {
                files += names.filter { !$0.hasPrefix(".") }.sorted().map { path + "/" + $0 }
            } else {
                files.append(path)
            }
        }
        for path in files {
            summary.totalBytes += try fileSystem.open(path, .read).size()
        }
        for path in files {
            try importFile(path)
        }
        try wait(until: 0)
        report(always: true)
        return monitor.withLock { summary }
    }

    // MARK: One file

    private func importFile(_ path: String) throws {
        let file = try service.environment.fileSystem.open(path, .read)
        let name = String(path.split(separator: "/").last ?? "")
        let (users, channel) = try makeUsers(file)
        var date = LogDate(fileName: name)
        var reader = LineReader(file)
        let before = monitor.withLock { summary.bytesRead }
        while let line = try reader.next() {
            monitor.withLock {
                summary.lines += 1
                summary.bytesRead = before + reader.position
                if line.wasRepaired { summary.repairedLines += 1 }
            }
            if let reason = try importLine(line, name, users, channel, &date) {
                monitor.withLock { summary.skip(reason) }
            }
            report(always: false)
        }
        monitor.withLock { summary.files += 1 }
    }

    /// First pass: who speaks, and in which channel.
    private func makeUsers(_ file: any File) throws -> (users: [String: UserID], UserID) {
        var names: [String: String] = [:]
        var channel: String?
        var reader = LineReader(file)
        while let line = try reader.next() {
            switch IRCLine(line.text) {
            case .message(_, let nick, _):
                if let key = AccountName.key(nick), names[key] == nil { names[key] = nick }
            case .server(let named):
                channel = channel ?? named
            case .action, .blank, .odd:
                break
            }
        }
        var users: [String: UserID] = [:]
        var waiting = names.sorted { $0.key < $1.key }[...]
        while !waiting.isEmpty {
            let some = waiting.prefix(Self.usersAtOnce)
            waiting = waiting.dropFirst(some.count)
            let (found, new) = try service.accounts.importUsers(some.map(\.value))
            for (name, user) in zip(some, found) { users[name.key] = user.user }
            monitor.withLock { summary.newUsers += new }
        }
        let (found, new) = try service.accounts.importUsers([channel ?? fallbackChannel])
        monitor.withLock { summary.newUsers += new }
        guard let user = found.first?.user else {
            throw ChatError(.internal, "the channel's user is missing")
        }
        return (users, user)
    }

    /// The reason if the line is not stored.
    private func importLine(
        _ line: LineReader.Line, _ file: String, _ users: [String: UserID],
        _ channel: UserID, _ date: inout LogDate
    ) throws -> String? {
        if line.isTooLong { return "too long" }
        switch IRCLine(line.text) {
        case .blank: return "blank"
        case .odd: return "odd"
        case .action: return "action"
        case .server: return "server line"
        case .message(let minute, let nick, let text):
            monitor.withLock { summary.messages += 1 }
            let sentAt = date.time(minute: minute)
            if text.utf8.count > ChatLimits.textBytes { return "too long" }
            guard let user = AccountName.key(nick).flatMap({ users[$0] }) else {
                return "nick not usable"
            }
            let addressee = IRCLine.addressee(text).flatMap { AccountName.key($0) }
                .flatMap { users[$0] }
            try send(
                from: user, to: addressee ?? channel, text, sentAt,
                Self.clientMessageID(file, line.number, line.text))
            if addressee != nil { monitor.withLock { summary.addressed += 1 } }
            return nil
        }
    }

    static func clientMessageID(_ file: String, _ line: Int, _ text: String) -> String {
        var hash = SHA256()
        hash.update(data: Array("\(file)\n\(line)\n\(text)".utf8))
        return "irc-" + Token.base64url(Array(hash.finalize().prefix(24)))
    }

    // MARK: Sends under way

    private func send(
        from user: UserID, to peer: UserID, _ text: String, _ sentAt: UInt64, _ id: String
    ) throws {
        try wait(until: Self.window - 1)
        monitor.withLock { underWay += 1 }
        service.send(
            from: user, to: ConversationID(with: peer), text: text, clientMessageID: id,
            sentAt: sentAt, lane: lane
        ) { [self] result in
            monitor.withLock {
                underWay -= 1
                switch result {
                case .success(let receipt):
                    if receipt.isDuplicate {
                        summary.alreadyThere += 1
                    } else {
                        summary.new += 1
                    }
                case .failure(let error):
                    failure = failure ?? error
                }
                // Wakes the importing thread seldom: a wake-up costs more than a message.
                if underWay == 0 || underWay == Self.window / 2 || failure != nil {
                    monitor.broadcast()
                }
            }
        }
    }

    /// Waits until at most `count` sends are under way. When one has failed, none of the later ones
    /// is sent any more, so that the stored ones stay a beginning of the log.
    private func wait(until count: Int) throws {
        try monitor.withLock {
            if underWay > count {
                let target = min(count, Self.window / 2)
                while underWay > target, failure == nil { monitor.wait() }
            }
            if let failure {
                while underWay > 0 { monitor.wait() }
                throw failure
            }
        }
    }

    private func report(always: Bool) {
        let now = service.environment.clock.monotonicNanoseconds()
        guard always || now - reported > 200_000_000 else { return }
        reported = now
        progress(
            monitor.withLock {
                summary.microseconds = (now - started) / 1_000
                return summary
            })
    }
}

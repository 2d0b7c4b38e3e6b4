import Crypto
import MartletStore

/// Imports IRC logs: a channel becomes a group, those who speak in it its members.
///
/// Users, groups and messages have ids that follow from names, from the file's name, the line's
/// number and what it says, and all is stored in the order of the log. So an import that was killed
/// is run again: what is stored is found again, and the rest follows as if nothing had happened.
///
/// `@unchecked Sendable`: `summary`, `underWay`, `failure` and `lastNumbers` are touched under
/// `monitor` only; the rest is the calling thread's.
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
    private var channels: [ConversationID: Channel] = [:]
    /// The numbers of the last messages that were imported.
    private var lastNumbers: [ConversationID: UInt64] = [:]
    private var started: UInt64 = 0
    private var reported: UInt64 = 0

    private static let window = 2_048
    private static let usersAtOnce = 1_000

    private struct Channel {
        /// Who stands for it, and owns its group.
        var owner: UserID
        var members: Set<UserID>
    }

    /// - Parameters:
    ///   - channel: The channel of files whose server lines name none.
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
            throw ChatError(.badRequest, "'\(fallbackChannel)' cannot be a channel's name")
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
        try endChannels()
        report(always: true)
        return monitor.withLock { summary }
    }

    // MARK: One file

    private func importFile(_ path: String) throws {
        let file = try service.environment.fileSystem.open(path, .read)
        let name = String(path.split(separator: "/").last ?? "")
        let (users, channel) = try makeUsers(file)
        let group = try enter(channel, Array(users.values))
        var date = LogDate(fileName: name)
        var reader = LineReader(file)
        let before = monitor.withLock { summary.bytesRead }
        while let line = try reader.next() {
            monitor.withLock {
                summary.lines += 1
                summary.bytesRead = before + reader.position
                if line.wasRepaired { summary.repairedLines += 1 }
            }
            if let reason = try importLine(line, name, users, group, &date) {
                monitor.withLock { summary.skip(reason) }
            }
            report(always: false)
        }
        monitor.withLock { summary.files += 1 }
    }

    /// First pass: who speaks, and in which channel.
    private func makeUsers(_ file: any File) throws -> (users: [String: UserID], String) {
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
        return (users, channel ?? fallbackChannel)
    }

    /// The reason if the line is not stored.
    private func importLine(
        _ line: LineReader.Line, _ file: String, _ users: [String: UserID],
        _ group: ConversationID, _ date: inout LogDate
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
            let message = ImportMessage(
                user: user, id: group, text: text,
                clientMessageID: Self.clientMessageID(file, line.number, line.text),
                sentAt: sentAt)
            try submit(message) { [self] in count($0, in: group) }
            return nil
        }
    }

    static func clientMessageID(_ file: String, _ line: Int, _ text: String) -> String {
        var hash = SHA256()
        hash.update(data: Array("\(file)\n\(line)\n\(text)".utf8))
        return "irc-" + Token.base64url(Array(hash.finalize().prefix(24)))
    }

    // MARK: Channels

    /// Sees to the channel's group and its members.
    private func enter(_ name: String, _ users: [UserID]) throws -> ConversationID {
        let (found, new) = try service.accounts.importUsers([name])
        guard let owner = found.first?.user, let key = AccountName.lookupKey(name) else {
            throw ChatError(.internal, "the channel's user is missing")
        }
        let id = Self.group(key)
        let now = service.environment.clock.now()
        var channel = channels[id] ?? Channel(owner: owner, members: [owner])
        if channels[id] == nil {
            let create = CreateGroup(
                user: owner, id: id, name: name, members: [], clientMessageID: "irc-group-\(id)",
                now: now)
            try submit(create)
        }
        var waiting = users.filter { !channel.members.contains($0) }
            .sorted { $0.rawValue < $1.rawValue }[...]
        channel.members.formUnion(users)
        channels[id] = channel
        monitor.withLock {
            summary.newUsers += new
            summary.channels = channels.count
        }
        while !waiting.isEmpty {
            let some = waiting.prefix(ChatLimits.membersAtOnce)
            waiting = waiting.dropFirst(some.count)
            try submit(
                ImportMembers(
                    user: owner, id: id, added: Array(some),
                    membersMax: service.options.groupMembers, now: now))
        }
        return id
    }

    /// The group of the channel whose name in lower case is `key`.
    static func group(_ key: String) -> ConversationID {
        let digest = Token("group:" + key).digest
        return ConversationID(group: digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    private func count(_ answer: Answer, in group: ConversationID) {
        guard case .sent(let receipt) = answer else { return summary.skip("has left") }
        lastNumbers[group] = max(lastNumbers[group] ?? 0, receipt.number)
        if receipt.isDuplicate {
            summary.alreadyThere += 1
        } else {
            summary.new += 1
        }
    }

    /// Tells the members, once all is stored.
    private func endChannels() throws {
        try wait(until: 0)
        let numbers = monitor.withLock { lastNumbers }
        for (id, channel) in channels.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard let last = numbers[id] else { continue }
            var waiting = channel.members.sorted { $0.rawValue < $1.rawValue }[...]
            while !waiting.isEmpty {
                let some = waiting.prefix(Self.usersAtOnce)
                waiting = waiting.dropFirst(some.count)
                try submit(
                    ImportEnd(
                        user: channel.owner, id: id, members: Array(some), number: last))
            }
        }
        try wait(until: 0)
    }

    // MARK: Procedures under way

    /// - Parameter done: Called under the monitor.
    private func submit(
        _ procedure: any Procedure, _ done: @escaping @Sendable (Answer) -> Void = { _ in }
    ) throws {
        try wait(until: Self.window - 1)
        monitor.withLock { underWay += 1 }
        service.desk.submit(procedure, lane: lane) { [self] result in
            monitor.withLock {
                underWay -= 1
                switch result {
                case .success(let answer): done(answer)
                case .failure(let error):
                    // What is refused for the sake of one before it may be answered before it.
                    if failure == nil || failure == LedgerDesk.retry { failure = error }
                }
                // Wakes the importing thread seldom: a wake-up costs more than a message.
                if underWay == 0 || underWay == Self.window / 2 || failure != nil {
                    monitor.broadcast()
                }
            }
        }
    }

    /// Waits until at most `count` procedures are under way. When one has failed, none of the later
    /// ones is taken any more, so that what is stored stays a beginning of the log.
    private func wait(until count: Int) throws {
        try monitor.withLock {
            if underWay > count {
                let target = min(count, Self.window / 2)
                while underWay > target, failure == nil { monitor.wait() }
            }
            if failure != nil {
                while underWay > 0 { monitor.wait() }
            }
            if let failure { throw failure }
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

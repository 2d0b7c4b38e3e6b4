import MartletStore

extension FollowerFrame {
    private enum Kind: UInt8 {
        case hello = 1
        case durable = 2
        case seedRead = 3
        case seedDone = 4
        case promised = 5
        case refused = 6
        case alive = 7
    }

    /// The frame's bytes before framing.
    package func frame() -> Frame {
        var encoder = WireEncoder()
        switch self {
        case .hello(let hello):
            encoder.put(hello)
            return Frame(type: Kind.hello.rawValue, body: encoder.bytes)
        case .durable(let position):
            encoder.put(position.leader)
            encoder.put(position.sequence)
            encoder.put(position.visible)
            return Frame(type: Kind.durable.rawValue, body: encoder.bytes)
        case .seedRead(let range):
            encoder.put(range.seed)
            encoder.put(range.file)
            encoder.put(range.offset)
            encoder.put(range.count)
            return Frame(type: Kind.seedRead.rawValue, body: encoder.bytes)
        case .seedDone(let seed):
            encoder.put(seed)
            return Frame(type: Kind.seedDone.rawValue, body: encoder.bytes)
        case .promised(let answer):
            encoder.put(answer.term)
            encoder.put(answer.history)
            encoder.put(answer.lastSequence)
            return Frame(type: Kind.promised.rawValue, body: encoder.bytes)
        case .refused(let refusal):
            encoder.put(refusal)
            return Frame(type: Kind.refused.rawValue, body: encoder.bytes)
        case .alive: return Frame(type: Kind.alive.rawValue, body: [])
        }
    }

    package init(_ frame: Frame) throws(FrameError) {
        guard let kind = Kind(rawValue: frame.type) else {
            throw FrameError(.unknownType, "a follower's frame of type \(frame.type)")
        }
        var decoder = WireDecoder(frame.body[...])
        switch kind {
        case .hello: self = .hello(try decoder.hello())
        case .durable:
            self = .durable(
                DurablePosition(
                    leader: try decoder.termID(), sequence: try decoder.number(UInt64.self),
                    visible: try decoder.number(UInt64.self)))
        case .seedRead:
            let range = SeedRange(
                seed: try decoder.number(UInt64.self), file: try decoder.number(UInt32.self),
                offset: try decoder.number(UInt64.self), count: try decoder.number(UInt32.self))
            guard 1...SeedRange.countMax ~= range.count else {
                throw FrameError(.malformed, "a piece of \(range.count) bytes")
            }
            self = .seedRead(range)
        case .seedDone: self = .seedDone(try decoder.number(UInt64.self))
        case .promised:
            self = .promised(
                PromiseAnswer(
                    term: try decoder.termID(), history: try decoder.history(),
                    lastSequence: try decoder.number(UInt64.self)))
        case .refused: self = .refused(try decoder.refusal())
        case .alive: self = .alive
        }
        try decoder.end()
    }
}

private enum HelloFlags {
    static let hasStore: UInt8 = 1
    static let needsSeed: UInt8 = 2
    static let isProbe: UInt8 = 4
}

extension WireEncoder {
    fileprivate mutating func put(_ hello: FollowerHello) {
        put(hello.version)
        var flags = hello.storeID == nil ? 0 : HelloFlags.hasStore
        if hello.needsSeed { flags |= HelloFlags.needsSeed }
        if hello.isProbe { flags |= HelloFlags.isProbe }
        put(flags)
        put(hello.storeID ?? StoreID(low: 0, high: 0))
        put(hello.follower)
        put(hello.promise)
        put(hello.lastSequence)
        put(hello.nextTree)
        put(hello.seed)
        put(hello.name, limit: FollowerHello.nameMax)
        put(hello.history)
    }
}

extension WireDecoder {
    /// Of another version no more than the version is read.
    fileprivate mutating func hello() throws(FrameError) -> FollowerHello {
        let version = try number(UInt16.self)
        guard version == FollowerHello.version else {
            _ = try take(remaining)
            var hello = FollowerHello(
                storeID: nil, follower: 0, name: "", promise: .zero, history: TermHistory(),
                lastSequence: 0, nextTree: 0)
            hello.version = version
            return hello
        }
        let flags = try number(UInt8.self)
        guard flags & ~7 == 0 else { throw FrameError(.malformed, "hello's flags \(flags)") }
        let storeID = try storeID()
        let follower = try number(UInt64.self)
        let promise = try termID()
        let lastSequence = try number(UInt64.self)
        let nextTree = try number(UInt32.self)
        let seed = try number(UInt64.self)
        let name = try text(limit: FollowerHello.nameMax)
        var hello = FollowerHello(
            storeID: flags & HelloFlags.hasStore == 0 ? nil : storeID, follower: follower,
            name: name, promise: promise, history: try history(), lastSequence: lastSequence,
            nextTree: nextTree)
        hello.needsSeed = flags & HelloFlags.needsSeed != 0
        hello.isProbe = flags & HelloFlags.isProbe != 0
        hello.seed = seed
        return hello
    }
}

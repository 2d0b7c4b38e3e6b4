package import MartletStore

extension FollowerFrame {
    package enum Kind: UInt8 {
        case hello = 1
        case durable, seedRead, seedDone, promised, refused, alive
    }

    package func encode(_ encoder: inout FieldEncoder) -> Kind {
        switch self {
        case .hello(let hello):
            encoder.put(hello)
            return .hello
        case .durable(let position):
            encoder.put(position.leader)
            encoder.put(position.sequence)
            encoder.put(position.visible)
            return .durable
        case .seedRead(let range):
            encoder.put(range.seed)
            encoder.put(range.file)
            encoder.put(range.offset)
            encoder.put(range.count)
            return .seedRead
        case .seedDone(let seed):
            encoder.put(seed)
            return .seedDone
        case .promised(let answer):
            encoder.put(answer.term)
            encoder.put(answer.history)
            encoder.put(answer.lastSequence)
            return .promised
        case .refused(let refusal):
            encoder.put(refusal)
            return .refused
        case .alive: return .alive
        }
    }

    package init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError) {
        switch kind {
        case .hello: self = .hello(try decoder.hello())
        case .durable:
            self = .durable(
                DurablePosition(
                    leader: try decoder.termID(), sequence: try decoder.number(),
                    visible: try decoder.number()))
        case .seedRead:
            let range = SeedRange(
                seed: try decoder.number(), file: try decoder.number(),
                offset: try decoder.number(), count: try decoder.number())
            guard 1...SeedRange.countMax ~= range.count else {
                throw FrameError(.malformed, "a piece of \(range.count) bytes")
            }
            self = .seedRead(range)
        case .seedDone: self = .seedDone(try decoder.number())
        case .promised:
            self = .promised(
                PromiseAnswer(
                    term: try decoder.termID(), history: try decoder.history(),
                    lastSequence: try decoder.number()))
        case .refused: self = .refused(try decoder.refusal())
        case .alive: self = .alive
        }
    }
}

private enum HelloFlags {
    static let hasStore: UInt8 = 1
    static let needsSeed: UInt8 = 2
    static let isProbe: UInt8 = 4
}

extension FieldEncoder {
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

extension FieldDecoder {
    /// Of another version no more than the version is read.
    fileprivate mutating func hello() throws(FrameError) -> FollowerHello {
        let version = try number(UInt16.self)
        guard version == FollowerHello.version else {
            skip()
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

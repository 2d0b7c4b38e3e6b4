import MartletStore

private let pathMax = 4_096

extension ServerFrame {
    private enum Kind: UInt8 {
        case state = 1
        case seedMade = 2
        case seedFailed = 3
        case refused = 4
    }

    package func frame() -> Frame {
        var encoder = WireEncoder()
        switch self {
        case .state(let state):
            encoder.put(state.storeID)
            encoder.put(state.segment)
            encoder.put(state.offset)
            encoder.put(state.nextSequence)
            encoder.put(state.nextTree)
            encoder.put(state.replicas)
            encoder.put(state.isDeposed)
            encoder.put(state.history)
            return Frame(type: Kind.state.rawValue, body: encoder.bytes)
        case .seedMade(let seed, let path):
            encoder.put(seed)
            encoder.put(path, limit: pathMax)
            return Frame(type: Kind.seedMade.rawValue, body: encoder.bytes)
        case .seedFailed(let seed, let message):
            encoder.put(seed)
            encoder.put(message, limit: 512)
            return Frame(type: Kind.seedFailed.rawValue, body: encoder.bytes)
        case .refused(let refusal):
            encoder.put(refusal)
            return Frame(type: Kind.refused.rawValue, body: encoder.bytes)
        }
    }

    package init(_ frame: Frame) throws(FrameError) {
        guard let kind = Kind(rawValue: frame.type) else {
            throw FrameError(.unknownType, "a server's frame of type \(frame.type)")
        }
        var decoder = WireDecoder(frame.body[...])
        switch kind {
        case .state: self = .state(try decoder.state())
        case .seedMade:
            self = .seedMade(
                seed: try decoder.number(UInt64.self), path: try decoder.text(limit: pathMax))
        case .seedFailed:
            self = .seedFailed(
                seed: try decoder.number(UInt64.self), message: try decoder.text(limit: 512))
        case .refused: self = .refused(try decoder.refusal())
        }
        try decoder.end()
    }
}

extension LinkReport {
    private enum Kind: UInt8 {
        case attach = 1
        case follower = 2
        case deposed = 3
        case seedWanted = 4
        case seedDone = 5
    }

    package func frame() -> Frame {
        var encoder = WireEncoder()
        switch self {
        case .attach(let version, let storeID):
            encoder.put(version)
            encoder.put(storeID)
            return Frame(type: Kind.attach.rawValue, body: encoder.bytes)
        case .follower(let position):
            encoder.put(position.follower)
            encoder.put(position.isAttached)
            encoder.put(position.term)
            encoder.put(position.sequence)
            encoder.put(position.keep)
            encoder.put(position.name, limit: FollowerHello.nameMax)
            return Frame(type: Kind.follower.rawValue, body: encoder.bytes)
        case .deposed(let term):
            encoder.put(term)
            return Frame(type: Kind.deposed.rawValue, body: encoder.bytes)
        case .seedWanted(let seed):
            encoder.put(seed)
            return Frame(type: Kind.seedWanted.rawValue, body: encoder.bytes)
        case .seedDone(let seed):
            encoder.put(seed)
            return Frame(type: Kind.seedDone.rawValue, body: encoder.bytes)
        }
    }

    package init(_ frame: Frame) throws(FrameError) {
        guard let kind = Kind(rawValue: frame.type) else {
            throw FrameError(.unknownType, "a shipper's report of type \(frame.type)")
        }
        var decoder = WireDecoder(frame.body[...])
        switch kind {
        case .attach:
            self = .attach(
                version: try decoder.number(UInt16.self), storeID: try decoder.storeID())
        case .follower:
            let follower = try decoder.number(UInt64.self)
            let isAttached = try decoder.flag()
            let term = try decoder.termID()
            let sequence = try decoder.number(UInt64.self)
            let keep = try decoder.number(UInt64.self)
            self = .follower(
                FollowerPosition(
                    follower: follower, name: try decoder.text(limit: FollowerHello.nameMax),
                    isAttached: isAttached, term: term, sequence: sequence, keep: keep))
        case .deposed: self = .deposed(try decoder.termID())
        case .seedWanted: self = .seedWanted(try decoder.number(UInt64.self))
        case .seedDone: self = .seedDone(try decoder.number(UInt64.self))
        }
        try decoder.end()
    }
}

extension WireDecoder {
    fileprivate mutating func state() throws(FrameError) -> PrimaryState {
        let store = try storeID()
        let segment = try number(UInt64.self)
        let offset = try number(UInt64.self)
        let nextSequence = try number(UInt64.self)
        let nextTree = try number(UInt32.self)
        let replicas = try number(UInt8.self)
        let isDeposed = try flag()
        return PrimaryState(
            storeID: store, history: try history(), segment: segment, offset: offset,
            nextSequence: nextSequence, nextTree: nextTree, replicas: replicas,
            isDeposed: isDeposed)
    }
}

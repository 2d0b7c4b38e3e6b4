package import MartletStore

private let pathMax = 4_096
private let messageMax = 512

extension ServerFrame {
    package enum Kind: UInt8 {
        case state = 1
        case seedMade, seedFailed, refused
    }

    package func encode(_ encoder: inout FieldEncoder) -> Kind {
        switch self {
        case .state(let state):
            encoder.put(state)
            return .state
        case .seedMade(let seed, let path):
            encoder.put(seed)
            encoder.put(path, limit: pathMax)
            return .seedMade
        case .seedFailed(let seed, let message):
            encoder.put(seed)
            encoder.put(message, limit: messageMax)
            return .seedFailed
        case .refused(let refusal):
            encoder.put(refusal)
            return .refused
        }
    }

    package init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError) {
        switch kind {
        case .state: self = .state(try decoder.state())
        case .seedMade:
            self = .seedMade(seed: try decoder.number(), path: try decoder.text(limit: pathMax))
        case .seedFailed:
            self = .seedFailed(
                seed: try decoder.number(), message: try decoder.text(limit: messageMax))
        case .refused: self = .refused(try decoder.refusal())
        }
    }
}

extension LinkReport {
    package enum Kind: UInt8 {
        case attach = 1
        case follower, deposed, seedWanted, seedDone
    }

    package func encode(_ encoder: inout FieldEncoder) -> Kind {
        switch self {
        case .attach(let version, let storeID):
            encoder.put(version)
            encoder.put(storeID)
            return .attach
        case .follower(let position):
            encoder.put(position)
            return .follower
        case .deposed(let term):
            encoder.put(term)
            return .deposed
        case .seedWanted(let seed):
            encoder.put(seed)
            return .seedWanted
        case .seedDone(let seed):
            encoder.put(seed)
            return .seedDone
        }
    }

    package init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError) {
        switch kind {
        case .attach:
            self = .attach(version: try decoder.number(), storeID: try decoder.storeID())
        case .follower: self = .follower(try decoder.follower())
        case .deposed: self = .deposed(try decoder.termID())
        case .seedWanted: self = .seedWanted(try decoder.number())
        case .seedDone: self = .seedDone(try decoder.number())
        }
    }
}

extension FieldEncoder {
    fileprivate mutating func put(_ state: PrimaryState) {
        put(state.storeID)
        put(state.segment)
        put(state.offset)
        put(state.nextSequence)
        put(state.nextTree)
        put(state.replicas)
        put(state.isDeposed)
        put(state.history)
    }

    fileprivate mutating func put(_ position: FollowerPosition) {
        put(position.follower)
        put(position.isAttached)
        put(position.term)
        put(position.sequence)
        put(position.keep)
        put(position.name, limit: FollowerHello.nameMax)
    }
}

extension FieldDecoder {
    fileprivate mutating func state() throws(FrameError) -> PrimaryState {
        var state = PrimaryState(
            storeID: try storeID(), history: TermHistory(), segment: try number(),
            offset: try number(), nextSequence: try number(), nextTree: try number(),
            replicas: try number(), isDeposed: try flag())
        state.history = try history()
        return state
    }

    fileprivate mutating func follower() throws(FrameError) -> FollowerPosition {
        var position = FollowerPosition(
            follower: try number(), name: "", isAttached: try flag(), term: try termID(),
            sequence: try number(), keep: try number())
        position.name = try text(limit: FollowerHello.nameMax)
        return position
    }
}

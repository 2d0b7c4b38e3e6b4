package import MartletStore

extension ShipperFrame {
    package enum Kind: UInt8 {
        case welcome = 1
        case truncate, seedPending, seedOffer, seedData, catalog, term, append, heartbeat, fence
        case refused
    }

    package func encode(_ encoder: inout FieldEncoder) -> Kind {
        encoder.put(leader)
        switch body {
        case .welcome(let welcome):
            encoder.put(welcome.version)
            encoder.put(welcome.storeID)
            encoder.put(welcome.position)
            encoder.put(welcome.history)
            return .welcome
        case .truncate(let sequence):
            encoder.put(sequence)
            return .truncate
        case .seedPending: return .seedPending
        case .seedOffer(let offer):
            encoder.put(offer)
            return .seedOffer
        case .seedData(let data):
            encoder.put(data.seed)
            encoder.put(data.file)
            encoder.put(data.offset)
            encoder.put(data.bytes)
            return .seedData
        case .catalog(let edit):
            encoder.put(edit.encoded())
            return .catalog
        case .term(let term):
            encoder.put(term)
            return .term
        case .append(let group):
            encoder.put(group.previous)
            encoder.put(group.position)
            RecordPacking.put(group.records, into: &encoder)
            return .append
        case .heartbeat(let position):
            encoder.put(position)
            return .heartbeat
        case .fence: return .fence
        case .refused(let refusal):
            encoder.put(refusal)
            return .refused
        }
    }

    package init(_ kind: Kind, _ decoder: inout FieldDecoder) throws(FrameError) {
        self.init(try decoder.termID(), try Self.decode(kind, &decoder))
    }

    private static func decode(
        _ kind: Kind, _ decoder: inout FieldDecoder
    ) throws(FrameError) -> Body {
        switch kind {
        case .welcome: return .welcome(try decoder.welcome())
        case .truncate: return .truncate(after: try decoder.number())
        case .seedPending: return .seedPending
        case .seedOffer: return .seedOffer(try decoder.offer())
        case .seedData:
            return .seedData(
                SeedData(
                    seed: try decoder.number(), file: try decoder.number(),
                    offset: try decoder.number(), bytes: Array(try decoder.string())))
        case .catalog: return .catalog(try decoder.catalog())
        case .term: return .term(try decoder.term())
        case .append:
            let previous = try decoder.number(UInt64.self)
            let position = try decoder.position()
            return .append(
                try ShippedGroup(
                    previous: previous, records: try RecordPacking.take(&decoder),
                    position: position))
        case .heartbeat: return .heartbeat(try decoder.position())
        case .fence: return .fence
        case .refused: return .refused(try decoder.refusal())
        }
    }
}

extension FieldEncoder {
    fileprivate mutating func put(_ position: PrimaryPosition) {
        put(position.lastSequence)
        put(position.time)
        put(position.showsReplicatedOnly)
    }

    fileprivate mutating func put(_ offer: SeedOffer) {
        put(offer.seed)
        put(offer.sequence)
        put(offer.history)
        put(UInt32(offer.files.count))
        for file in offer.files {
            put(file.name, limit: SeedOffer.nameMax)
            put(file.size)
            put(file.checksum)
        }
    }
}

extension FieldDecoder {
    fileprivate mutating func position() throws(FrameError) -> PrimaryPosition {
        PrimaryPosition(
            lastSequence: try number(), time: try number(), showsReplicatedOnly: try flag())
    }

    fileprivate mutating func welcome() throws(FrameError) -> Welcome {
        let version = try number(UInt16.self)
        let store = try storeID()
        let position = try position()
        var welcome = Welcome(
            storeID: store, history: try history(), position: position)
        welcome.version = version
        return welcome
    }

    fileprivate mutating func offer() throws(FrameError) -> SeedOffer {
        let seed = try number(UInt64.self)
        let sequence = try number(UInt64.self)
        let history = try history()
        var files: [SeedOffer.File] = []
        var names: Set<String> = []
        var size: UInt64 = 0
        for _ in 0..<(try count(ofAtLeast: 14, max: SeedOffer.filesMax)) {
            let file = SeedOffer.File(
                name: try text(limit: SeedOffer.nameMax), size: try number(),
                checksum: try number())
            let (sum, overflows) = size.addingReportingOverflow(file.size)
            guard file.isSafe, names.insert(file.name).inserted, !overflows else {
                throw FrameError(.malformed, "a seed with a file that cannot be")
            }
            size = sum
            files.append(file)
        }
        return SeedOffer(seed: seed, sequence: sequence, history: history, files: files)
    }

    fileprivate mutating func catalog() throws(FrameError) -> ManifestEdit {
        let edit = try ManifestEdit(decoding: try string())
        for field in edit.fields {
            switch field {
            case .createTable, .createFamily: continue
            default: throw FrameError(.malformed, "a catalog that is more than one")
            }
        }
        return edit
    }
}

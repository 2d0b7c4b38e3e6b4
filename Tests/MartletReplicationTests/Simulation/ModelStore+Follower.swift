import MartletStore

@testable import MartletReplication

extension ModelStore {
    /// Performs a follower's work, or refuses it.
    mutating func perform(_ work: FollowerWork) -> FollowerOutcome {
        switch work {
        case .promise(let history):
            guard promise == .zero || promise.allows(history) else {
                return .failed(StoreError(.fenced, "\(promise) was promised"))
            }
            promise = history.currentID
            return .done(state)
        case .begin(let term):
            do throws(StoreError) {
                try history.begin(term)
            } catch {
                return .failed(error)
            }
            return .done(state)
        case .catalog(let edit):
            trees = max(trees, UInt32(edit.fields.count - 1))
            return .done(state)
        case .append(let records): return append(records)
        case .truncate(let sequence):
            guard sequence >= UInt64(flushed) else { return .needsSeed(state) }
            entries.removeLast(entries.count - Int(sequence))
            history.cut(after: sequence)
            synced = entries.count
            visible = min(visible, synced)
            return .done(state)
        case .openSeed(let offer): return open(offer)
        case .writeSeed(let data):
            if isFull { return .failed(StoreError(.noSpace, "full")) }
            seedBytes += data.bytes
            return .seedWritten
        case .installSeed(let offer): return install(offer)
        }
    }

    private mutating func append(_ records: [ShippedRecord]) -> FollowerOutcome {
        if isFull { return .failed(StoreError(.noSpace, "full")) }
        for record in records {
            while last + 1 < record.sequence {
                guard record.kind == .gap else {
                    return .failed(StoreError(.corruption, "records do not follow"))
                }
                entries.append(Entry(id: 0, epoch: record.epoch, tree: 0))
            }
            guard record.kind == .batch else { continue }
            var decoder = FieldDecoder(record.payload[...])
            guard record.sequence == last + 1, let id = try? decoder.number(UInt64.self),
                (try? decoder.number(UInt32.self)) == 1,
                let tree = try? decoder.number(UInt32.self)
            else { return .failed(StoreError(.corruption, "records do not follow")) }
            guard tree < trees else { return .failed(StoreError(.notFound, "tree \(tree)")) }
            entries.append(Entry(id: id, epoch: record.epoch, tree: tree))
        }
        synced = entries.count
        visible = synced
        return .done(state)
    }

    private mutating func open(_ offer: SeedOffer) -> FollowerOutcome {
        if seed != offer.seed {
            seed = offer.seed
            seedBytes = []
        }
        let first = Int(offer.files[0].size)
        let there = [min(first, seedBytes.count), max(0, seedBytes.count - first)]
        return .seedOpened(there.map(UInt64.init))
    }

    /// All or nothing. Holds N8.
    private mutating func install(_ offer: SeedOffer) -> FollowerOutcome {
        let bytes = seedBytes
        seedBytes = []
        seed = 0
        let told = Self.offer(
            offer.seed, bytes, sequence: offer.sequence, offer.history)
        guard told == offer else { return .seedDamaged("checksum") }
        var decoder = FieldDecoder(bytes[...])
        var fresh: [Entry] = []
        guard let trees = try? decoder.number(UInt32.self) else {
            return .seedDamaged("empty")
        }
        while let id = try? decoder.number(UInt64.self),
            let epoch = try? decoder.number(UInt32.self),
            let tree = try? decoder.number(UInt32.self)
        {
            fresh.append(Entry(id: id, epoch: epoch, tree: tree))
        }
        entries = fresh
        synced = fresh.count
        base = fresh.count
        flushed = fresh.count
        visible = fresh.count
        history = offer.history
        self.trees = trees
        exists = true
        wasClosed = true
        return .done(state)
    }
}

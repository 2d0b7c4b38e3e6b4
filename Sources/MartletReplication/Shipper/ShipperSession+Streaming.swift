package import MartletStore

extension ShipperSession {
    /// The log was read.
    package mutating func read(
        _ reading: Reading, after: UInt64, now: UInt64
    ) -> [Action] {
        readIsOpen = false
        // A hello in between began anew; what was read is not what is wanted now.
        guard phase == .streaming, after == sent, held == nil else { return pump(now) }
        switch reading {
        case .failed(let message):
            return refuse(.failed, "the log cannot be read: \(message)")
        case .gone:
            guard let hello else { return [] }
            return [.report(report(hello, isAttached: false, keep: durable))] + seed(hello, now)
        case .records(let records, let treesEnd):
            if records.isEmpty { return [] }
            if treesEnd > catalogTrees {
                held = (records, treesEnd)
                readIsOpen = true
                return [.readCatalog]
            }
            return ship(records, now) + pump(now)
        }
    }

    /// The tables and families are known, up to tree `nextTree`.
    package mutating func catalog(
        _ edit: ManifestEdit, nextTree: UInt32, now: UInt64
    ) -> [Action] {
        readIsOpen = false
        guard phase == .streaming, let held else { return pump(now) }
        self.held = nil
        guard nextTree >= held.treesEnd else {
            return refuse(.failed, "a batch names tree \(held.treesEnd - 1), which is not there")
        }
        catalogTrees = nextTree
        return send(.catalog(edit), now) + ship(held.records, now) + pump(now)
    }

    /// The follower's disk has more.
    mutating func moved(_ position: DurablePosition, _ now: UInt64) -> [Action] {
        guard phase == .streaming, position.leader == leader, let hello else { return [] }
        guard position.sequence <= sent else {
            return refuse(.contradiction, "durable up to \(position.sequence) of \(sent)")
        }
        visible = max(visible, position.visible)
        guard position.sequence > durable else { return pump(now) }
        durable = position.sequence
        progressAt = now
        isStuck = false
        let done = flights.prefix { $0.last <= durable }
        flightBytes -= done.reduce(0) { $0 + $1.bytes }
        flights.removeFirst(done.count)
        return [.report(report(hello, isAttached: true, keep: durable))] + pump(now)
    }

    /// Reads on, if there is something to read and room for it.
    mutating func pump(_ now: UInt64) -> [Action] {
        if case .seeding = phase { return pumpSeed(now) }
        guard phase == .streaming else { return [] }
        var actions = beginTerms(now)
        let room = settings.window - flightBytes
        guard !readIsOpen, primary.lastSequence > sent, room > 0, bucket.isOpen(at: now) else {
            return actions
        }
        readIsOpen = true
        actions.append(.read(after: sent, bytes: min(room, settings.groupBytes)))
        return actions
    }

    /// Announces terms that begin right behind what was sent.
    private mutating func beginTerms(_ now: UInt64) -> [Action] {
        var actions: [Action] = []
        for term in TermRule.nextTerms(of: primary.history, behind: begun, endingAt: sent) {
            do {
                try begun.begin(term)
            } catch {
                return actions + refuse(.failed, "\(error)")
            }
            actions += send(.term(term), now)
        }
        return actions
    }

    /// Sends the records, a frame for each term that they are of.
    private mutating func ship(_ records: [ShippedRecord], _ now: UInt64) -> [Action] {
        var actions: [Action] = []
        var rest = records[...]
        while let first = rest.first {
            actions += beginTerms(now)
            guard phase == .streaming else { return actions }
            guard let term = primary.history.term(of: sent + 1),
                TermRule.wrote(term, epoch: first.epoch)
            else {
                return actions
                    + refuse(.failed, "record \(first.sequence) is of epoch \(first.epoch)")
            }
            // Up to where the next term begins.
            let next = primary.history.terms.first { $0.firstSequence > sent + 1 }
            let limit = next?.firstSequence ?? .max
            var end = sent + 1
            let part = rest.prefix { record in
                guard end < limit, record.epoch == first.epoch else { return false }
                end = record.nextSequence ?? end
                return true
            }
            rest = rest.dropFirst(part.count)
            do throws(FrameError) {
                let group = try ShippedGroup(
                    previous: sent, records: Array(part), position: position)
                actions += depart(group, now)
            } catch {
                return actions + refuse(.failed, "the log is not in order: \(error.message)")
            }
        }
        return actions
    }

    private mutating func depart(_ group: ShippedGroup, _ now: UInt64) -> [Action] {
        if flights.isEmpty { progressAt = now }
        let bytes = group.payloadBytes
        sent = group.lastSequence
        flights.append(Flight(last: sent, bytes: bytes))
        flightBytes += bytes
        bucket.spend(bytes)
        return send(.append(group), now)
    }
}

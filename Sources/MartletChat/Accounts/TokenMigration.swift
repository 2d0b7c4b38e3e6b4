import MartletStore

/// Gives the tokens of a store from before there were devices a device each.
///
/// A device's id follows from its token's digest, so that a migration that was killed is simply run
/// again. It runs before the first call and once in a store's life.
struct TokenMigration {
    let rows: DeviceRows
    let now: UInt64

    private static let rowsAtOnce = 4_096

    func run() throws(StoreError) {
        try makeDevices()
        try endTooMany()
    }

    private func makeDevices() throws(StoreError) {
        var batch = WriteBatch()
        let tokens = try rows.store.scan(rows.tokens)
        while let row = try tokens.next() {
            let value = try TokenValue(row.value).orDamaged("tokens")
            guard case .old(let user, let expiresAt) = value else { continue }
            if expiresAt > now, row.key.count == DeviceValue.digestBytes {
                try rows.put(user, device(row.key, expiresAt), now: now, into: &batch)
            } else {
                try batch.delete(rows.tokens, row.key)
            }
            try write(&batch, from: Self.rowsAtOnce)
        }
        try write(&batch, from: 1)
    }

    /// Old tokens had a fixed life: it tells when they were made.
    private func device(_ digest: [UInt8], _ expiresAt: UInt64) -> DeviceRows.Entry {
        let createdAt = expiresAt - min(expiresAt, rows.lifetimes.inactivity)
        let value = DeviceValue(
            digest: digest, isForeign: false, createdAt: createdAt, lastSeenAt: createdAt,
            expiresAt: expiresAt, endsAt: max(expiresAt, createdAt + rows.lifetimes.absolute),
            label: "")
        return DeviceRows.Entry(device: DeviceID(digest: digest), value: value)
    }

    /// There was no bound for tokens: of a user who has more, the ones used last stay.
    private func endTooMany() throws(StoreError) {
        var batch = WriteBatch()
        var scan = Scan()
        while let row = try rows.store.scan(rows.devices, scan).next() {
            let user = try ChatKeys.owner(row.key).orDamaged("devices")
            for entry in try rows.all(user, now: now).dropLast(ChatLimits.devices) {
                try rows.remove(user, entry, now: now, from: &batch)
            }
            try write(&batch, from: Self.rowsAtOnce)
            scan.start = ChatKeys.end(of: user).bytes
        }
        try write(&batch, from: 1)
    }

    private func write(_ batch: inout WriteBatch, from count: Int) throws(StoreError) {
        guard batch.count >= count else { return }
        try rows.store.write(batch)
        batch.removeAll()
    }
}

extension DeviceID {
    /// The device of the token with this digest.
    init(digest: [UInt8]) {
        let raw = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(rawValue: max(1, raw))
    }
}

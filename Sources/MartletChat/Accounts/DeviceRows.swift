import MartletStore

/// The rows of devices and of the tokens that point to them. Blocks on the disk. Reads show what is
/// alive; what changes a user's rows runs in the user's turn.
struct DeviceRows: Sendable {
    struct Entry: Sendable {
        var device: DeviceID
        var value: DeviceValue
    }

    let store: Store
    let tokens: Family
    let devices: Family
    let lifetimes: TokenLifetimes

    func token(_ digest: [UInt8]) throws(StoreError) -> TokenValue? {
        guard let bytes = try store.value(tokens, digest) else { return nil }
        return try TokenValue(bytes).orDamaged("tokens")
    }

    func device(_ user: UserID, _ device: DeviceID, now: UInt64) throws(StoreError) -> Entry? {
        let row = ChatKeys.device(user, device)
        guard let bytes = try store.value(devices, row) else { return nil }
        let value = try DeviceValue(bytes).orDamaged("devices")
        return value.expiresAt > now ? Entry(device: device, value: value) : nil
    }

    /// The user's devices, the one unused for longest first.
    func all(_ user: UserID, now: UInt64) throws(StoreError) -> [Entry] {
        let rows = try store.scan(devices, .prefix(ChatKeys.user(user)))
        var entries: [Entry] = []
        while let row = try rows.next() {
            let device = try ChatKeys.number(row.key, at: 10).orDamaged("devices")
            let value = try DeviceValue(row.value).orDamaged("devices")
            guard value.expiresAt > now else { continue }
            entries.append(Entry(device: DeviceID(rawValue: device), value: value))
        }
        return entries.sorted {
            ($0.value.lastSeenAt, $0.value.createdAt) < ($1.value.lastSeenAt, $1.value.createdAt)
        }
    }

    /// Both rows, with the time to live that the value says.
    func put(
        _ user: UserID, _ entry: Entry, now: UInt64, into batch: inout WriteBatch
    ) throws(StoreError) {
        let life = entry.value.expiresAt - min(now, entry.value.expiresAt)
        try batch.put(
            devices, ChatKeys.device(user, entry.device), entry.value.encoded(),
            timeToLive: life)
        try batch.put(
            tokens, entry.value.digest, TokenValue.live(user, entry.device).encoded(),
            timeToLive: life)
    }

    /// Removes both rows. Of an issuer's credential the digest stays until it expires by itself,
    /// since it would be taken for a new login.
    func remove(
        _ user: UserID, _ entry: Entry, now: UInt64, from batch: inout WriteBatch
    ) throws(StoreError) {
        try batch.delete(devices, ChatKeys.device(user, entry.device))
        if entry.value.isForeign, entry.value.endsAt > now {
            try batch.put(
                tokens, entry.value.digest, TokenValue.ended.encoded(),
                timeToLive: entry.value.endsAt - now)
        } else {
            try batch.delete(tokens, entry.value.digest)
        }
    }

    /// The value of a device used now.
    func renewed(_ value: DeviceValue, now: UInt64) -> DeviceValue {
        var value = value
        value.lastSeenAt = now
        value.expiresAt = max(value.expiresAt, min(now + lifetimes.inactivity, value.endsAt))
        return value
    }

    /// When a use of the device is to be written down next: well before it would expire for lack
    /// of uses.
    func renewal(after value: DeviceValue) -> UInt64 {
        value.lastSeenAt + min(lifetimes.renewal, lifetimes.inactivity / 4)
    }
}

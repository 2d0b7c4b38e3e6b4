/// A device of a user.
struct UserDevice: Hashable, Sendable {
    var user: UserID
    var device: DeviceID
}

/// When devices were used, more exactly than their rows say, and which have a connection open. What
/// is not known here, for example after a restart, the rows tell to the hour.
struct DeviceUses {
    private var open: [UserDevice: Int] = [:]
    private var last: PinnedCache<UserDevice, UInt64>

    /// - Parameter capacity: Devices without a connection that are remembered.
    init(capacity: Int) {
        last = PinnedCache(capacity: capacity)
    }

    mutating func opened(_ device: UserDevice) {
        open[device, default: 0] += 1
    }

    mutating func closed(_ device: UserDevice, at now: UInt64) {
        guard let count = open[device] else { return }
        open[device] = count > 1 ? count - 1 : nil
        last[device] = now
    }

    mutating func used(_ device: UserDevice, at now: UInt64) {
        last[device] = now
    }

    /// Microseconds since 1970, as far as is known: `recorded` or later; an open connection is a
    /// use that goes on.
    mutating func lastUse(_ device: UserDevice, recorded: UInt64) -> UInt64 {
        open[device] != nil ? .max : max(recorded, last[device] ?? 0)
    }
}

import MartletChat

/// The verbs about one's own account: fields in, answers out.
extension ClientRequest {
    static func account(
        _ verb: String, _ object: VerbFields
    ) throws(FrameFault) -> ClientRequest {
        switch verb {
        case "devices":
            return .devices
        case "revoke":
            guard let device = DeviceID(try object.string("device", bytes: 16...16)) else {
                throw FrameFault(kind: .badRequest, message: "device: not an id", id: nil)
            }
            return .revoke(device: device)
        default:
            let bytes = 1...ProtocolLimits.passwordBytes
            return .password(
                old: try object.string("old", bytes: bytes),
                new: try object.string("new", bytes: bytes))
        }
    }
}

extension Device {
    /// One element of the answer to `devices`.
    func write(to json: inout JSONWriter, isCurrent: Bool) {
        json.beginObject()
        json.key("device")
        json.hex(device.rawValue)
        json.key("label")
        json.string(label)
        json.key("createdAt")
        json.integer(createdAt)
        json.key("lastSeenAt")
        json.integer(lastSeenAt)
        json.key("expiresAt")
        json.integer(expiresAt)
        json.key("current")
        json.bool(isCurrent)
        json.key("push")
        json.bool(hasPush)
        json.endObject()
    }
}

/// A notice as FCM wants it.
enum FCMMessage {
    /// Of the data's keys and values together.
    static let dataBytesMax = 4_096
    static let ttlMax: UInt32 = 2_419_200
    private static let key = "payload"

    static func fits(_ notice: PushNotice) -> Bool {
        notice.payload.count + key.utf8.count <= dataBytesMax
    }

    /// A data message: the client's program shows what it makes of the payload, a string in the
    /// field `payload`.
    static func body(_ notice: PushNotice, token: String) -> [UInt8] {
        let isUrgent = notice.urgency == .normal || notice.urgency == .high
        let android = JSONText.object([
            "priority": .string(isUrgent ? "HIGH" : "NORMAL"),
            "ttl": .string("\(min(notice.ttl, ttlMax))s"),
            "collapse_key": notice.topic.map { .string($0.description) },
        ])
        let text = String(decoding: notice.payload, as: UTF8.self)
        let message = JSONText.object([
            "token": .string(token),
            "data": notice.payload.isEmpty ? nil : .object([key: .string(text)]),
            "android": android,
        ])
        return JSONText.object(["message": message]).bytes
    }
}

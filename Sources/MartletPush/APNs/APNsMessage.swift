/// A notice as APNs wants it.
enum APNsMessage {
    static let bytesMax = 4_096

    /// An alert: without one the system would not wake a messenger in time. The client's payload is
    /// the field `martlet` (it may replace the text: `mutable-content`).
    static func body(_ notice: PushNotice, genericTitle: String) -> [UInt8] {
        let alert: JSONText =
            if let alert = notice.alert {
                .object(["title": .string(alert.title), "body": .string(alert.body)])
            } else {
                .object(["title": .string(genericTitle)])
            }
        let system = JSONText.object([
            "alert": alert, "badge": notice.badge.map(JSONText.number),
            "sound": .string("default"), "mutable-content": .number(1),
            "thread-id": notice.topic.map { .string($0.description) },
        ])
        return JSONText.object([
            "aps": system, "martlet": notice.payload.isEmpty ? nil : .raw(notice.payload),
        ]).bytes
    }

    /// - Parameter now: seconds since 1970.
    static func headers(
        _ notice: PushNotice, topic: String, id: String, token: String, now: UInt64
    ) -> [(name: String, value: String)] {
        var headers = [
            (name: "authorization", value: "bearer \(token)"),
            ("apns-topic", topic), ("apns-push-type", "alert"), ("apns-id", id),
            // 10 wakes the screen, 5 goes with the battery's leave.
            ("apns-priority", notice.urgency == .normal || notice.urgency == .high ? "10" : "5"),
            ("apns-expiration", notice.ttl == 0 ? "0" : "\(now + UInt64(notice.ttl))"),
            ("content-type", "application/json"),
        ]
        if let topic = notice.topic { headers.append(("apns-collapse-id", topic.description)) }
        return headers
    }
}

extension PushSubscription {
    private static let format: UInt8 = 1

    /// The bytes to store: format, kind, time (8 bytes), then the fields; numbers are big-endian.
    ///
    /// - web: endpoint behind its length (2 bytes), key (65 bytes), auth (16 bytes)
    /// - apns, fcm: token behind its length (2 bytes)
    public func encoded() -> [UInt8] {
        var bytes = [Self.format, kind.rawValue]
        bytes.append(big: registeredAt)
        switch target {
        case .web(let web):
            bytes.append(short: web.endpoint.text)
            bytes += web.key
            bytes += web.auth
        case .apns(let token), .fcm(let token):
            bytes.append(short: token)
        }
        return bytes
    }

    /// Reads what `encoded` wrote; `nil` for anything else. Not checked again against the rules
    /// for endpoints: the client that sends does that.
    public init?(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes)
        guard reader.number(UInt8.self) == Self.format,
            let kind = reader.number(UInt8.self).flatMap(Kind.init(rawValue:)),
            let registeredAt = reader.number(UInt64.self),
            let text = reader.text()
        else { return nil }
        switch kind {
        case .web:
            let rules = EndpointRules(allowsPlainHTTP: true, allowsLowPorts: true)
            guard let url = try? PushURL(text, rules: rules),
                let key = reader.take(WebPushTarget.keyBytes),
                let auth = reader.take(WebPushTarget.authBytes)
            else { return nil }
            self.init(
                .web(WebPushTarget(endpoint: url, key: key, auth: auth)),
                registeredAt: registeredAt)
        case .apns: self.init(.apns(token: text), registeredAt: registeredAt)
        case .fcm: self.init(.fcm(token: text), registeredAt: registeredAt)
        }
        guard reader.isAtEnd else { return nil }
    }
}

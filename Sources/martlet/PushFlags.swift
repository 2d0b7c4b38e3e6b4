import ArgumentParser
import Glibc
import MartletPush
import MartletServer

/// Flags of `martlet serve` for push messages.
struct PushFlags: ParsableArguments {
    @Flag(name: .customLong("no-push"), help: "Send no Web Push.")
    var isOff = false

    @Option(
        name: .customLong("push-subject"),
        help: "How push services reach you: mailto:… or https://….")
    var subject: String?

    @Option(
        name: .customLong("push-allow"),
        help: "An address range, such as 10.1.0.0/16, that push endpoints may lead to.")
    var allowed: [String] = []

    @Flag(
        name: .customLong("push-allow-http"),
        help: "Take push endpoints without TLS, for tests on this machine.")
    var allowsHTTP = false

    func validate() throws {
        for range in allowed where AddressRange(range) == nil {
            throw ValidationError("--push-allow: \(range) is no address range")
        }
    }

    /// The options; without another file the key is in the data directory, made the first time.
    func options(data: String, _ config: Config) throws -> PushOptions {
        var options = PushOptions()
        if isOff { return options }
        let keyFile = config.text("push.vapid_key")
        options.vapid = try VAPIDKeyFile.load(keyFile.isEmpty ? data + "/vapid.key" : keyFile)
        let configured = config.text("push.vapid_subject")
        if let subject = subject ?? (configured.isEmpty ? nil : configured) {
            options.subject = subject
        }
        let ranges = try (allowed + config.list("push.allow")).map { text in
            guard let range = AddressRange(text) else {
                throw Complaint(description: "push.allow: '\(text)' is no address range")
            }
            return range
        }
        options.addresses = AddressGuard(allowed: ranges)
        try readServices(config, &options)
        if allowsHTTP {
            options.rules = EndpointRules(allowsPlainHTTP: true, allowsLowPorts: true)
        }
        return options
    }
}

extension PushFlags {
    private func readServices(_ config: Config, _ options: inout PushOptions) throws {
        let apns = config.text("push.apns_key")
        if !apns.isEmpty {
            let key = try SmallFile.read(apns)
            options.apns = APNsOptions(
                topic: config.text("push.apns_topic"), team: config.text("push.apns_team"),
                keyID: config.text("push.apns_key_id"),
                keyPEM: String(decoding: key, as: UTF8.self))
            options.apns?.endpoint = config.text("push.apns_endpoint")
        }
        let fcm = config.text("push.fcm_account")
        if !fcm.isEmpty {
            do {
                options.fcm = try ServiceAccount(json: try SmallFile.read(fcm))
            } catch let error as ServiceAccount.Malformed {
                throw Complaint(description: "push.fcm_account: \(error)")
            }
            options.fcmEndpoint = config.text("push.fcm_endpoint")
        }
    }
}

/// A file of a few KiB.
enum SmallFile {
    static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { throw Complaint(description: "cannot read \(path)") }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw Complaint(description: "cannot read \(path)") }
        return Array(bytes[..<count])
    }
}

/// The server's VAPID key (RFC 8292): browsers' subscriptions are bound to it, so it is kept.
enum VAPIDKeyFile {
    static func load(_ path: String) throws -> VAPIDKey {
        if let text = read(path) {
            guard let key = VAPIDKey(privateKey: text) else {
                throw Complaint(description: "\(path) holds no VAPID key")
            }
            return key
        }
        let key = VAPIDKey()
        try write(key.privateKey + "\n", to: path)
        return key
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 > 0x20 }, as: UTF8.self)
    }

    /// Whole or not at all: written aside, synced, renamed.
    private static func write(_ text: String, to path: String) throws {
        let aside = path + ".new"
        let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw Complaint(description: "cannot write \(aside)") }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        let isSynced = fsync(file) == 0
        close(file)
        guard count == bytes.count, isSynced, rename(aside, path) == 0 else {
            throw Complaint(description: "cannot write \(path)")
        }
    }
}

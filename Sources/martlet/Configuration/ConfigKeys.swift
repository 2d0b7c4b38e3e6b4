/// Every key there is. Adding one is one entry here, and its row in
/// `docs/operations/configuration.md` (`martlet config print-default --markdown` writes the rows).
enum ConfigKeys {
    static let all: [ConfigKey] = server + limits + accounts + push + operations

    private static let server: [ConfigKey] = [
        ConfigKey(
            "server.data", .path, "./martlet-data",
            "The data directory; made if it is not there (the one above it must be).",
            flag: "data"),
        ConfigKey(
            "server.host", .text, "127.0.0.1",
            "The address to listen on: a name, IPv4 or IPv6.", flag: "host"),
        ConfigKey(
            "server.port", .integer(0...65_535), "8080",
            "The port to listen on; 0 lets the system choose, and the log says which.",
            flag: "port"),
        ConfigKey(
            "server.threads", .integer(1...256), "1",
            "Event loops for connections; one serves tens of thousands of sockets.",
            flag: "threads"),
        ConfigKey(
            "server.allow_origins", .list, "",
            "Further web origins whose pages may open a socket or use the door, such as "
                + "https://chat.example.org.",
            flag: "allow-origin"),
        ConfigKey(
            "server.drain", .duration(0...600), "5s",
            "How long open requests may take at a stop before their sockets are cut."),
        ConfigKey(
            "server.reconnect_spread", .duration(0...3_600), "10s",
            "At a stop, clients are told to come back spread over at most this time."),
        ConfigKey(
            "client.servers", .list, "",
            "All servers of a pair, such as https://one.example.org, told to clients: they go to "
                + "another one when theirs is gone or takes no writes. Their pages may open "
                + "sockets here."),
        ConfigKey(
            "tls.certificate", .path, "",
            "A PEM file with the certificate and its chain; set, the server speaks TLS."),
        ConfigKey("tls.key", .path, "", "A PEM file with the certificate's private key."),
        ConfigKey(
            "tls.allow_plain", .bool, "false",
            "Whether plain HTTP may be spoken on another address than a loopback one, for a proxy "
                + "with TLS in front."),
        ConfigKey(
            "heartbeat.ping", .duration(5...3_600), "25s",
            "Silence after which the server pings a socket."),
        ConfigKey(
            "heartbeat.pong", .duration(1...600), "8s",
            "How long the answer to a ping may take before the socket counts as dead."),
    ]

    private static let limits: [ConfigKey] = [
        ConfigKey(
            "limits.connections", .integer(1...10_000_000), "100000",
            "Sockets that may be open at once, more are told to come back later; and connections "
                + "that are none, more are closed."),
        ConfigKey(
            "limits.connections_per_address", .integer(0...10_000_000), "2000",
            "Connections that may be open at once from one address; 0: any number."),
        ConfigKey(
            "limits.handshake", .duration(1...600), "10s",
            "How long the head of a request, with the TLS handshake, may take to arrive."),
        ConfigKey(
            "limits.body", .duration(1...600), "10s", "How long the body of a request may take."),
        ConfigKey(
            "limits.authentication", .duration(1...600), "10s",
            "How long a socket may be open without being authenticated."),
        ConfigKey(
            "limits.message", .duration(1...3_600), "1m",
            "How long a message on a socket may take from its first byte to its last."),
        ConfigKey(
            "limits.queue", .bytes(64 << 10...1 << 30), "1MiB",
            "What may wait for one slow reader before its socket is cut."),
        ConfigKey(
            "limits.requests_per_second", .integer(1...1_000_000), "100",
            "Requests of one user in a second, on average; ten times as many may come at once."),
    ]

    private static let accounts: [ConfigKey] = [
        ConfigKey(
            "sessions.inactivity", .duration(60...315_360_000), "30d",
            "A device that was not seen for so long must log in again."),
        ConfigKey(
            "sessions.absolute", .duration(60...315_360_000), "180d",
            "How long a login lasts at most, however active the device is."),
        ConfigKey(
            "messages.edit_window", .duration(0...315_360_000, isOptional: true), "1d",
            "How long after sending an author may edit; 0: never."),
        ConfigKey(
            "messages.delete_window", .duration(0...315_360_000, isOptional: true), "1d",
            "How long after sending an author may delete for everybody; 0: never."),
        ConfigKey(
            "jwt.issuer", .text, "",
            "Whose JSON Web Tokens are taken for logins; empty: nobody's."),
        ConfigKey("jwt.audience", .text, "", "The audience that such a token must name."),
        ConfigKey("jwt.keys", .path, "", "A file with the issuer's public keys (JWKS)."),
        ConfigKey(
            "jwt.makes_accounts", .bool, "false",
            "Whether a subject that is no user's name gets an account."),
    ]

    private static let push: [ConfigKey] = [
        ConfigKey(
            "push.vapid_key", .path, "",
            "A file with the private key for Web Push in base64url; empty: `vapid.key` in the data "
                + "directory, made there at the first start."),
        ConfigKey(
            "push.vapid_subject", .text, "",
            "Whom a push service may ask about this server: a mailto: or https: URL."),
        ConfigKey(
            "push.allow", .list, "",
            "Address ranges, such as 10.1.0.0/16, that push endpoints may lead to though they are "
                + "not public."),
        ConfigKey("push.apns_key", .path, "", "A PEM file with the key for APNs; empty: no APNs."),
        ConfigKey("push.apns_key_id", .text, "", "The APNs key's id."),
        ConfigKey("push.apns_team", .text, "", "The team that the APNs key belongs to."),
        ConfigKey("push.apns_topic", .text, "", "The app's bundle id."),
        ConfigKey(
            "push.apns_endpoint", .text, "https://api.push.apple.com", "Where APNs is reached."),
        ConfigKey(
            "push.fcm_account", .path, "",
            "A JSON file with the service account for FCM; empty: no FCM."),
        ConfigKey(
            "push.fcm_endpoint", .text, "https://fcm.googleapis.com", "Where FCM is reached."),
    ]

    private static let operations: [ConfigKey] = [
        ConfigKey(
            "control.socket", .path, "",
            "The control socket; empty: `control.sock` in the data directory. At most 107 bytes."),
        ConfigKey(
            "compaction.daemons", .bool, "true",
            "Whether compaction daemons may attach; without one the server compacts by itself."),
        ConfigKey(
            "compaction.socket", .path, "",
            "The socket for compaction daemons; empty: `compaction.sock` in the data directory. At "
                + "most 107 bytes."),
        ConfigKey(
            "metrics.listen", .text, "",
            "A loopback address and port, such as 127.0.0.1:9464, that serves `/metrics` as well; "
                + "empty: the control socket alone does."),
        ConfigKey(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error"]),
            "info", "The least level that is logged."),
        ConfigKey(
            "log.format", .choice(["text", "json"]), "text",
            "Lines of `key=value`, or one JSON object a line."),
        ConfigKey(
            "store.memory", .bytes(16 << 20...1 << 40), "512MiB",
            "For block cache, filters, indexes and memtables together."),
        ConfigKey(
            "store.memtable", .bytes(1 << 20...4 << 30), "64MiB",
            "The size at which a memtable is written to a table."),
        ConfigKey(
            "store.disk_reserve", .bytes(0...1 << 40), "64MiB",
            "What must stay free on the disk; below it sends are refused."),
        ConfigKey(
            "store.commit_interval", .integer(0...1_000_000), "800",
            "Microseconds between the beginnings of two commits, at least: what comes meanwhile "
                + "shares one. A message after a pause never waits."),
        ConfigKey(
            "store.busy_commit_interval", .integer(0...1_000_000), "2000",
            "The same while some nine messages and more come in a millisecond."),
        ConfigKey(
            "store.durability", .choice(["synced", "written"]), "synced",
            "What has happened to a message when it is acknowledged: it is on the disk, or only in "
                + "the kernel, which a power cut loses."),
        ConfigKey(
            "store.failed_journal", .bytes(0...1 << 30), "4MiB",
            "Room in the data directory, taken at the first start, for messages that could not be "
                + "stored; they are stored when that works again. 0: none are kept."),
        ConfigKey(
            "replication.serve", .bool, "false",
            "Whether a shipper may attach, at `replication.sock` in the data directory."),
        ConfigKey(
            "replication.followers", .integer(0...5), "0",
            "Followers on whose disks a message must be before it is acknowledged and shown; 0: "
                + "only on this one's. More than 0 needs `replication.serve`."),
        ConfigKey(
            "replication.timeout", .duration(1...3_600), "5s",
            "How long a request waits for followers before it is told that it is indefinite; it "
                + "goes on waiting all the same."),
        ConfigKey(
            "replication.retain_bytes", .bytes(0...1 << 40), "1GiB",
            "Log that is kept for followers that are behind; one that needs more is seeded anew."),
    ]
}

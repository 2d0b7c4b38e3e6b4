/// The metrics that the server counts itself. Adding one is a property and a line below.
package struct ServerMetrics: Sendable {
    let layout: MetricLayout

    /// Open WebSockets.
    package let sockets: MetricNumber
    /// Sockets opened and closed since the start; the latter by close code.
    package let socketsOpened: MetricNumber
    package let socketsClosed: MetricNumber
    /// Frames received on sockets and over HTTP, by verb.
    package let frames: MetricNumber
    /// Messages stored and events given to sockets, by kind.
    package let messages: MetricNumber
    /// Errors answered, by code.
    package let refusals: MetricNumber
    /// Microseconds, by stage.
    package let latency: MetricHistogram
    /// Bytes written to sockets.
    package let bytesWritten: MetricNumber
    /// Bytes that wait in front of slow readers.
    package let queuedBytes: MetricNumber
    /// Push notifications, by outcome.
    package let pushes: MetricNumber
    /// Presence work, by kind.
    package let presence: MetricNumber

    package init() {
        var layout = MetricLayout()
        sockets = layout.gauge("martlet_sockets", "WebSockets that are open.")
        socketsOpened = layout.counter("martlet_sockets_opened_total", "WebSockets opened.")
        socketsClosed = layout.counter(
            "martlet_sockets_closed_total", "WebSockets closed by the server, by close code.",
            label: "code", values: Self.closeCodes)
        frames = layout.counter(
            "martlet_frames_received_total", "Frames received, by verb.", label: "verb",
            values: Self.verbs)
        messages = layout.counter(
            "martlet_messages_total",
            "Messages stored, and inbox events handed to sockets, by kind.", label: "kind",
            values: MessageKind.allCases.map { "\($0)" })
        refusals = layout.counter(
            "martlet_refusals_total", "Requests answered with an error, by code.", label: "code",
            values: Self.errorCodes)
        latency = layout.histogram(
            "martlet_latency_seconds",
            "Time by stage: read (a frame's parsing and checks), assign (waiting for its number, "
                + "if it had to), commit (until it is durable), deliver (from the commit to the "
                + "socket).",
            first: 4, last: 24, decimals: 6, label: "stage",
            values: LatencyStage.allCases.map { "\($0)" })
        bytesWritten = layout.counter(
            "martlet_socket_bytes_written_total", "Bytes written to WebSockets.")
        queuedBytes = layout.gauge(
            "martlet_socket_queue_bytes", "Bytes that wait for readers, as last measured.")
        pushes = layout.counter(
            "martlet_pushes_total", "Push notifications, by outcome.", label: "outcome",
            values: PushResult.allCases.map { "\($0)" })
        presence = layout.counter(
            "martlet_presence_total", "Presence work, by kind.", label: "kind",
            values: PresenceWork.allCases.map { "\($0)" })
        self.layout = layout
    }

    /// What `messages` tells apart.
    package enum MessageKind: Int, CaseIterable, Sendable {
        case direct, group, repeated, edited, deleted, event, receipt

        package var index: Int { rawValue }
    }

    /// What `latency` tells apart.
    package enum LatencyStage: Int, CaseIterable, Sendable {
        case read, assign, commit, deliver

        package var index: Int { rawValue }
    }

    /// What `pushes` tells apart: what the services answered, and what was given up in the end.
    package enum PushResult: Int, CaseIterable, Sendable {
        case delivered, retried, gone, rejected, dead

        package var index: Int { rawValue }
    }

    /// What `presence` tells apart.
    package enum PresenceWork: Int, CaseIterable, Sendable {
        case pulled, pushed, flap, deferred

        package var index: Int { rawValue }
    }

    // MARK: Labels

    /// The verbs of the protocol; the last stands for every other.
    package static let verbs = [
        "hi", "register", "login", "auth", "logout", "find", "send", "history", "conversations",
        "sync", "delivered", "read", "ping", "devices", "revoke", "password", "start", "edit",
        "delete", "typing", "presence", "watch", "settings", "mute", "contact", "contacts",
        "block", "create", "group", "members", "names", "rename", "add", "remove", "leave", "role",
        "link", "join", "subscribe", "unsubscribe", "poll", "other",
    ]
    private static let verbIndex = indexes(verbs)
    /// That of the most frequent one.
    static let sendIndex = index(ofVerb: "send")

    /// Never fails: unknown verbs have a place of their own.
    package static func index(ofVerb verb: String) -> Int {
        verbIndex[verb] ?? verbs.count - 1
    }

    package static let errorCodes = [
        "bad_request", "malformed", "unknown_verb", "unauthorized", "forbidden", "not_found",
        "name_taken", "too_large", "too_many", "too_late", "conflict", "internal", "unavailable",
        "read_only", "indefinite", "other",
    ]
    private static let errorIndex = indexes(errorCodes)

    package static func index(ofError code: String) -> Int {
        errorIndex[code] ?? errorCodes.count - 1
    }

    package static let closeCodes = [
        "1000", "1002", "1007", "1009", "3001", "3002", "3003", "3004", "3005", "3500", "3501",
        "3502", "3504", "other",
    ]
    private static let closeIndex = indexes(closeCodes)

    package static func index(ofClose code: UInt16) -> Int {
        closeIndex[String(code)] ?? closeCodes.count - 1
    }

    private static func indexes(_ values: [String]) -> [String: Int] {
        var indexes: [String: Int] = [:]
        for (index, value) in values.enumerated() { indexes[value] = index }
        return indexes
    }
}

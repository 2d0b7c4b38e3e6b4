package import MartletChat
import MartletPush

/// The outbox of pushes and its dead letters, on the control socket.
package struct PushRoutes: Sendable {
    private let chat: ChatService
    private let lifetime: UInt64
    private let now: @Sendable () -> UInt64
    /// Tells the server of pushes that are in the outbox again.
    private let resume: @Sendable ([StoredPush]) -> Void

    private static let pageMax = 1_000

    /// - Parameters:
    ///   - lifetimeSeconds: after which a push that was driven again is given up again.
    ///   - now: microseconds since 1970.
    package init(
        _ chat: ChatService, lifetimeSeconds: UInt64 = PushOptions().lifetimeSeconds,
        now: @escaping @Sendable () -> UInt64 = ChatServerConfiguration().clock,
        resume: @escaping @Sendable ([StoredPush]) -> Void = { _ in }
    ) {
        self.chat = chat
        lifetime = lifetimeSeconds * 1_000_000
        self.now = now
        self.resume = resume
    }

    package var all: [ControlRoute] {
        [
            ControlRoute("GET", "/v1/pushes") { request, reply throws(ControlFault) in
                try pending(request, reply)
            },
            ControlRoute("GET", "/v1/pushes/dead") { request, reply throws(ControlFault) in
                try dead(request, reply)
            },
            ControlRoute("POST", "/v1/pushes/dead/retry") { _, reply in
                take(nil, isRetry: true, reply)
            },
            ControlRoute("POST", "/v1/pushes/dead/:id/retry") { request, reply in
                withID(request, reply) { take($0, isRetry: true, reply) }
            },
            ControlRoute("DELETE", "/v1/pushes/dead") { _, reply in
                take(nil, isRetry: false, reply)
            },
            ControlRoute("DELETE", "/v1/pushes/dead/:id") { request, reply in
                withID(request, reply) { take($0, isRetry: false, reply) }
            },
        ]
    }

    private func withID(
        _ request: ControlRequest, _ reply: @escaping ControlRouter.Reply,
        _ body: (PushID) -> Void
    ) {
        guard let id = PushID(request.parameters["id"] ?? "") else {
            return reply(ControlAnswer(.badRequest("a push is USER-DEVICE-CONVERSATION")))
        }
        body(id)
    }

    // MARK: Lists

    /// In the order in which they are due. `more` pages by nothing: what is sent is gone.
    private func pending(
        _ request: ControlRequest, _ reply: @escaping ControlRouter.Reply
    ) throws(ControlFault) {
        let limit = try request.number("limit", 1...Self.pageMax, or: 100)
        chat.pendingPushes(from: 0, [], limit: limit + 1) { result in
            reply(.of(result) { Self.list(&$0, "pending", $1, limit) })
        }
    }

    private func dead(
        _ request: ControlRequest, _ reply: @escaping ControlRouter.Reply
    ) throws(ControlFault) {
        let limit = try request.number("limit", 1...Self.pageMax, or: 100)
        let after = try request.query["after"].map { (text) throws(ControlFault) in
            guard let id = PushID(text) else { throw .badRequest("after: no push") }
            return id
        }
        chat.deadPushes(after: after, limit: limit + 1) { result in
            reply(.of(result) { Self.list(&$0, "dead", $1, limit) })
        }
    }

    private static func list(
        _ writer: inout JSONWriter, _ name: StaticString, _ pushes: [StoredPush], _ limit: Int
    ) {
        writer.key(name)
        writer.beginArray()
        for push in pushes.prefix(limit) {
            writer.beginObject()
            writer.field("id", "\(push.id)")
            writer.field("user", id: push.id.user.rawValue)
            writer.field("device", id: push.id.device.rawValue)
            writer.field("conversation", id: push.id.conversation.rawValue)
            if let job = PushJob(id: push.id.bytes, push.state) {
                writer.field("number", job.version)
                writer.field("service", job.service)
                writer.field("attempts", UInt64(job.attempts))
                writer.field("dueAt", job.dueAt)
                writer.field("expiresAt", job.expiresAt)
                writer.field("reason", job.lastReason)
            }
            writer.endObject()
        }
        writer.endArray()
        writer.key("more")
        writer.bool(pushes.count > limit)
    }

    // MARK: Taking dead letters

    /// Drives one dead letter again, or drops it; all there are without an id.
    private func take(
        _ id: PushID?, isRetry: Bool, _ reply: @escaping ControlRouter.Reply
    ) {
        guard let id else { return takeAll(behind: nil, isRetry, 0, reply) }
        takeOne(id, isRetry) { result in
            reply(
                .of(
                    result.flatMap { count in
                        count > 0
                            ? .success(count)
                            : .failure(ChatError(.notFound, "no dead letter has this id"))
                    }
                ) { Self.count(&$0, isRetry, $1) })
        }
    }

    private static func count(_ writer: inout JSONWriter, _ isRetry: Bool, _ count: Int) {
        writer.field(isRetry ? "retried" : "dropped", UInt64(count))
    }

    /// Page by page, one after the other.
    private func takeAll(
        behind id: PushID?, _ isRetry: Bool, _ count: Int, _ reply: @escaping ControlRouter.Reply
    ) {
        chat.deadPushes(after: id, limit: Self.pageMax) { result in
            switch result {
            case .success(let pushes) where !pushes.isEmpty:
                takeEach(pushes[...], isRetry, count, reply)
            default: reply(.of(result) { writer, _ in Self.count(&writer, isRetry, count) })
            }
        }
    }

    private func takeEach(
        _ pushes: ArraySlice<StoredPush>, _ isRetry: Bool, _ count: Int,
        _ reply: @escaping ControlRouter.Reply
    ) {
        guard let first = pushes.first else { return }
        takeOne(first.id, isRetry) { result in
            guard case .success(let taken) = result else {
                return reply(.of(result) { _, _ in })
            }
            let rest = pushes.dropFirst()
            if rest.isEmpty {
                takeAll(behind: first.id, isRetry, count + taken, reply)
            } else {
                takeEach(rest, isRetry, count + taken, reply)
            }
        }
    }

    /// How many there were: 0 or 1.
    private func takeOne(
        _ id: PushID, _ isRetry: Bool,
        _ completion: @escaping ChatService.Completion<Int>
    ) {
        let (now, lifetime) = (now(), lifetime)
        chat.takeDeadPush(id) { state in
            guard isRetry, let job = PushJob(id: id.bytes, state) else { return nil }
            let revived = job.revived(now: now, lifetime: lifetime)
            return StoredPush(id: id, dueAt: revived.dueAt, state: revived.encoded())
        } completion: { result in
            if case .success(.revived(let push)) = result { resume([push]) }
            completion(
                result.map { taken in
                    if case .notThere = taken { 0 } else { 1 }
                })
        }
    }
}

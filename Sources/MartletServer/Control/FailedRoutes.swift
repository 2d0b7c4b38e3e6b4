package import MartletChat

/// Requests that could not be stored, on the control socket.
package enum FailedRoutes {
    private static let pageMax = 1_000

    package static func all(_ chat: ChatService) -> [ControlRoute] {
        [
            ControlRoute("GET", "/v1/failed") { request, reply throws(ControlFault) in
                let limit = try request.number("limit", 1...pageMax, or: 100)
                let after = try request.number("after", 0...Int.max, or: 0)
                let page = chat.failedRequests(after: UInt64(after), limit: limit)
                let standing = chat.failedStatistics
                reply(.json { list(&$0, page.requests, page.hasMore, standing) })
            },
            ControlRoute("POST", "/v1/failed/retry") { _, reply in
                chat.retryFailed { result in reply(.of(result) { counts(&$0, $1) }) }
            },
            ControlRoute("POST", "/v1/failed/:id/retry") { request, reply throws(ControlFault) in
                chat.retryFailed(try id(request)) { result in
                    reply(.of(result) { counts(&$0, $1) })
                }
            },
            ControlRoute("DELETE", "/v1/failed/:id") { request, reply throws(ControlFault) in
                let id = try id(request)
                chat.dropFailed(id) { result in
                    reply(
                        .of(result) { writer, _ in
                            writer.key("id")
                            writer.integer(id)
                        })
                }
            },
        ]
    }

    private static func id(_ request: ControlRequest) throws(ControlFault) -> UInt64 {
        guard let id = UInt64(request.parameters["id"] ?? "") else {
            throw .badRequest("a failed request has a number")
        }
        return id
    }

    // MARK: JSON

    private static func list(
        _ writer: inout JSONWriter, _ requests: [KeptRequest], _ more: Bool,
        _ standing: FailedStatistics
    ) {
        writer.key("failed")
        writer.beginArray()
        for request in requests {
            writer.beginObject()
            fields(&writer, request)
            writer.endObject()
        }
        writer.endArray()
        writer.key("more")
        writer.bool(more)
        writer.field("bytes", standing.bytes)
        writer.field("capacity", standing.capacity)
        if let failure = standing.failure { writer.field("failure", failure) }
    }

    private static func fields(_ writer: inout JSONWriter, _ request: KeptRequest) {
        writer.field("id", request.id)
        writer.field("state", request.state.rawValue)
        writer.field("user", id: request.user.rawValue)
        writer.field("conversation", id: request.conversation.rawValue)
        writer.field("clientMessageID", request.clientMessageID)
        writer.field("textBytes", UInt64(request.textBytes))
        writer.field("sentAt", request.sentAt)
        writer.field("failedAt", request.failedAt)
        writer.field("reason", request.reason)
    }

    private static func counts(_ writer: inout JSONWriter, _ counts: RedriveCounts) {
        writer.field("stored", UInt64(counts.stored))
        writer.field("refused", UInt64(counts.refused))
        writer.field("waiting", UInt64(counts.waiting))
    }
}

extension ControlAnswer {
    /// The value as one JSON object, or the error.
    static func of<Value>(
        _ result: Result<Value, ChatError>, _ write: (inout JSONWriter, Value) -> Void
    ) -> ControlAnswer {
        switch result {
        case .success(let value): .json { write(&$0, value) }
        case .failure(let error): ControlAnswer(ControlFault(error))
        }
    }
}

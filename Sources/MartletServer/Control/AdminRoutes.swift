import MartletChat

/// Users and their sessions on the control socket.
package enum AdminRoutes {
    private static let pageMax = 1_000

    package static func all(_ port: AdminPort) -> [ControlRoute] {
        [
            ControlRoute("GET", "/v1/users") { request, reply throws(ControlFault) in
                let limit = try request.number("limit", 1...pageMax, or: 100)
                port.list(request.query["after"], limit) { result in
                    reply(answer(result) { writer, page in list(&writer, page.0, page.1) })
                }
            },
            ControlRoute("GET", "/v1/users/:name") { request, reply throws(ControlFault) in
                port.show(name(request)) { result in
                    reply(answer(result) { fields(&$0, $1) })
                }
            },
            ControlRoute("POST", "/v1/users/:name/disable") { request, reply in
                setDisabled(port, request, true, reply)
            },
            ControlRoute("POST", "/v1/users/:name/enable") { request, reply in
                setDisabled(port, request, false, reply)
            },
            ControlRoute("DELETE", "/v1/users/:name") { request, reply in
                withUser(port, request, reply) { user in
                    port.delete(user.user) { result in
                        reply(answer(result) { writer, _ in identity(&writer, user) })
                    }
                }
            },
            ControlRoute("GET", "/v1/users/:name/sessions") { request, reply in
                withUser(port, request, reply) { user in
                    port.sessions(user.user) { result in
                        reply(answer(result) { sessions(&$0, user, $1) })
                    }
                }
            },
            ControlRoute("DELETE", "/v1/users/:name/sessions") { request, reply in
                revoke(port, request, nil, reply)
            },
            ControlRoute("DELETE", "/v1/users/:name/sessions/:id") { request, reply in
                revoke(port, request, request.parameters["id"], reply)
            },
        ]
    }

    private static func name(_ request: ControlRequest) -> String {
        request.parameters["name"] ?? ""
    }

    private static func withUser(
        _ port: AdminPort, _ request: ControlRequest, _ reply: @escaping ControlRouter.Reply,
        _ body: @escaping @Sendable (AdminPort.Account) -> Void
    ) {
        port.show(name(request)) { result in
            switch result {
            case .success(let account): body(account)
            case .failure(let error): reply(ControlAnswer(ControlFault(error)))
            }
        }
    }

    private static func setDisabled(
        _ port: AdminPort, _ request: ControlRequest, _ isDisabled: Bool,
        _ reply: @escaping ControlRouter.Reply
    ) {
        withUser(port, request, reply) { user in
            port.setDisabled(user.user, isDisabled) { result in
                reply(
                    answer(result) { writer, _ in
                        identity(&writer, user)
                        writer.key("disabled")
                        writer.bool(isDisabled)
                    })
            }
        }
    }

    private static func revoke(
        _ port: AdminPort, _ request: ControlRequest, _ id: String?,
        _ reply: @escaping ControlRouter.Reply
    ) {
        withUser(port, request, reply) { user in
            port.revoke(user.user, id) { result in
                reply(
                    answer(result) { writer, count in
                        identity(&writer, user)
                        writer.key("revoked")
                        writer.integer(UInt64(max(0, count)))
                    })
            }
        }
    }

    private static func answer<Value>(
        _ result: Result<Value, ChatError>, _ write: (inout JSONWriter, Value) -> Void
    ) -> ControlAnswer {
        switch result {
        case .success(let value): .json { write(&$0, value) }
        case .failure(let error): ControlAnswer(ControlFault(error))
        }
    }

    // MARK: JSON

    private static func list(
        _ writer: inout JSONWriter, _ accounts: [AdminPort.Account], _ more: Bool
    ) {
        writer.key("users")
        writer.beginArray()
        for account in accounts {
            writer.beginObject()
            fields(&writer, account)
            writer.endObject()
        }
        writer.endArray()
        writer.key("more")
        writer.bool(more)
    }

    private static func identity(_ writer: inout JSONWriter, _ account: AdminPort.Account) {
        writer.key("user")
        writer.hex(account.user.rawValue)
        writer.key("name")
        writer.string(account.name)
    }

    private static func fields(_ writer: inout JSONWriter, _ account: AdminPort.Account) {
        identity(&writer, account)
        writer.key("createdAt")
        writer.integer(account.createdAt)
        writer.key("password")
        writer.bool(account.hasPassword)
        if let isDisabled = account.isDisabled {
            writer.key("disabled")
            writer.bool(isDisabled)
        }
    }

    private static func sessions(
        _ writer: inout JSONWriter, _ account: AdminPort.Account, _ sessions: [AdminPort.Session]
    ) {
        identity(&writer, account)
        writer.key("sessions")
        writer.beginArray()
        for session in sessions {
            writer.beginObject()
            writer.key("id")
            writer.string(session.id)
            if let label = session.label {
                writer.key("label")
                writer.string(label)
            }
            if let time = session.createdAt {
                writer.key("createdAt")
                writer.integer(time)
            }
            if let time = session.lastSeenAt {
                writer.key("lastSeenAt")
                writer.integer(time)
            }
            writer.key("expiresAt")
            writer.integer(session.expiresAt)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension ControlFault {
    /// The same as the protocol's error.
    init(_ error: ChatError) {
        self.init(error.code.status, error.code.description, error.message)
    }
}

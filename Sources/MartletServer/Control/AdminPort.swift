package import MartletChat

/// What the control socket needs of the domain to look after accounts, as values: the real service,
/// or a test's own.
package struct AdminPort: Sendable {
    package typealias Reply<Value> = @Sendable (Result<Value, ChatError>) -> Void

    /// An account, and what an operator may want to know of it.
    package struct Account: Sendable, Equatable {
        package var user: UserID
        package var name: String
        /// Microseconds since 1970.
        package var createdAt: UInt64
        package var hasPassword: Bool
        /// Whether it was disabled; `nil` where the domain does not say.
        package var isDisabled: Bool?

        package init(
            user: UserID, name: String, createdAt: UInt64, hasPassword: Bool, isDisabled: Bool?
        ) {
            self.user = user
            self.name = name
            self.createdAt = createdAt
            self.hasPassword = hasPassword
            self.isDisabled = isDisabled
        }
    }

    /// A login on one device.
    package struct Session: Sendable, Equatable {
        package var id: String
        package var label: String?
        /// Microseconds since 1970, as the others.
        package var createdAt: UInt64?
        package var lastSeenAt: UInt64?
        package var expiresAt: UInt64

        package init(
            id: String, label: String? = nil, createdAt: UInt64? = nil, lastSeenAt: UInt64? = nil,
            expiresAt: UInt64
        ) {
            self.id = id
            self.label = label
            self.createdAt = createdAt
            self.lastSeenAt = lastSeenAt
            self.expiresAt = expiresAt
        }
    }

    /// Accounts behind a name, at most so many, and whether there are more.
    package var list: @Sendable (String?, Int, @escaping Reply<([Account], Bool)>) -> Void
    package var show: @Sendable (String, @escaping Reply<Account>) -> Void
    package var setDisabled: @Sendable (UserID, Bool, @escaping Reply<Void>) -> Void
    package var delete: @Sendable (UserID, @escaping Reply<Void>) -> Void
    package var sessions: @Sendable (UserID, @escaping Reply<[Session]>) -> Void
    /// Ends one session, or all of them; how many there were.
    package var revoke: @Sendable (UserID, String?, @escaping Reply<Int>) -> Void

    package init(
        list: @escaping @Sendable (String?, Int, @escaping Reply<([Account], Bool)>) -> Void,
        show: @escaping @Sendable (String, @escaping Reply<Account>) -> Void,
        setDisabled: @escaping @Sendable (UserID, Bool, @escaping Reply<Void>) -> Void,
        delete: @escaping @Sendable (UserID, @escaping Reply<Void>) -> Void,
        sessions: @escaping @Sendable (UserID, @escaping Reply<[Session]>) -> Void,
        revoke: @escaping @Sendable (UserID, String?, @escaping Reply<Int>) -> Void
    ) {
        self.list = list
        self.show = show
        self.setDisabled = setDisabled
        self.delete = delete
        self.sessions = sessions
        self.revoke = revoke
    }
}

extension AdminPort {
    /// The port to a real service.
    package init(_ chat: ChatService) {
        self.init(
            list: { after, limit, reply in
                chat.accounts(after: after, limit: limit) { result in
                    reply(result.map { ($0.accounts.map(Account.init), $0.hasMore) })
                }
            },
            show: { name, reply in
                chat.account(name: name) { reply($0.map(Account.init)) }
            },
            setDisabled: { user, isDisabled, reply in
                chat.setDisabled(user: user, disabled: isDisabled, completion: reply)
            },
            delete: { user, reply in chat.deleteUser(user, completion: reply) },
            sessions: { user, reply in
                chat.devices(user: user) { reply($0.map { $0.map(Session.init) }) }
            },
            revoke: { user, id, reply in Self.revoke(id, of: user, on: chat, reply) })
    }

    private static func revoke(
        _ id: String?, of user: UserID, on chat: ChatService, _ reply: @escaping Reply<Int>
    ) {
        if let id {
            guard let device = DeviceID(id) else {
                return reply(.failure(ChatError(.badRequest, "'\(id)' is no session's id")))
            }
            return chat.revokeDevice(user: user, device: device) { reply($0.map { 1 }) }
        }
        chat.devices(user: user) { result in
            guard case .success(let devices) = result else { return reply(result.map { _ in 0 }) }
            end(devices[...], of: user, on: chat, count: 0, reply)
        }
    }

    /// One after the other.
    private static func end(
        _ devices: ArraySlice<Device>, of user: UserID, on chat: ChatService, count: Int,
        _ reply: @escaping Reply<Int>
    ) {
        guard let first = devices.first else { return reply(.success(count)) }
        chat.revokeDevice(user: user, device: first.device) { result in
            switch result {
            case .success:
                end(devices.dropFirst(), of: user, on: chat, count: count + 1, reply)
            case .failure(let error): reply(.failure(error))
            }
        }
    }
}

extension AdminPort.Session {
    fileprivate init(_ device: Device) {
        self.init(
            id: "\(device.device)", label: device.label, createdAt: device.createdAt,
            lastSeenAt: device.lastSeenAt, expiresAt: device.expiresAt)
    }
}

extension AdminPort.Account {
    fileprivate init(_ account: ListedAccount) {
        self.init(
            user: account.user, name: account.name, createdAt: account.createdAt,
            hasPassword: account.hasPassword, isDisabled: account.isDisabled)
    }
}

import MartletStore

extension ChatService {
    /// Sets who is told of sessions that end before their time, when that is durable and before the
    /// call that ended them completes. On any thread: it must hand over and return. Set it before
    /// the first call.
    public func setSessionObserver(_ observer: @escaping @Sendable (SessionEnd) -> Void) {
        sessions.setObserver(observer)
    }

    /// Whose token it is. `.unauthorized` if it is unknown, ended or expired. Counts as a use,
    /// which puts the expiry off.
    ///
    /// A session can end between this answer and what the caller does with it: look with `hasEnded`
    /// once the caller would hear of the end from the observer.
    public func authenticate(token: String, completion: @escaping Completion<Session>) {
        guard token.utf8.count <= 256 else {
            return completion(.failure(Self.badToken))
        }
        let token = Token(token)
        if let session = sessions.cached(token) { return completion(.success(session)) }
        read(completion) { [sessions] () throws(StoreError) in
            guard let session = try sessions.authenticate(token) else {
                return .failure(Self.badToken)
            }
            return .success(session)
        }
    }

    /// Whether a device has ended lately: true for every one that the observer was told of a moment
    /// ago. Does not block.
    public func hasEnded(user: UserID, device: DeviceID) -> Bool {
        sessions.hasEnded(user, device)
    }

    /// A connection of the device has been opened: an open one is a use that goes on, so that the
    /// device is not the one unused for longest. Say `deviceClosed` once for each. Does not block.
    public func deviceOpened(user: UserID, device: DeviceID) {
        sessions.opened(user, device)
    }

    /// A connection of the device has been closed. Does not block.
    public func deviceClosed(user: UserID, device: DeviceID) {
        sessions.closed(user, device)
    }

    /// Ends the token and its device for good. An unknown one is no error.
    public func logOut(token: String, completion: @escaping Completion<Void>) {
        let token = Token(token)
        read(completion) { [sessions] () throws(StoreError) in
            .success(try sessions.end(token))
        }
    }

    /// The user's devices, the one used last first.
    public func devices(user: UserID, completion: @escaping Completion<[Device]>) {
        read(completion) { [rows, environment] () throws(StoreError) in
            let found = try rows.all(user, now: environment.clock.now())
            return .success(found.reversed().map { Device($0.device, $0.value) })
        }
    }

    /// Ends a device of the user for good. One that is not there is no error: it has ended.
    public func revokeDevice(
        user: UserID, device: DeviceID, completion: @escaping Completion<Void>
    ) {
        read(completion) { [sessions] () throws(StoreError) in
            .success(try sessions.end(user, .revoked) { $0.device == device })
        }
    }

    private static let badToken = ChatError(.unauthorized, "the token is unknown or has ended")
}

import MartletStore
import Testing

@testable import MartletChat

/// Calls about accounts and devices.
extension ChatFixture {
    func register(
        _ name: String, _ password: String = "correct horse", label: String? = nil
    ) async throws -> Session {
        try await value { [chat] in
            chat.register(name: name, password: password, label: label, completion: $0)
        }
    }

    func logIn(
        _ name: String, _ password: String = "correct horse", label: String? = nil
    ) async throws -> Session {
        try await value { [chat] in
            chat.logIn(name: name, password: password, label: label, completion: $0)
        }
    }

    /// Whether the token is accepted.
    func accepts(_ token: String?) async throws -> Bool {
        let token = try #require(token)
        let refusal = await code { [chat] in chat.authenticate(token: token, completion: $0) }
        if let refusal { try #require(refusal == .unauthorized) }
        return refusal == nil
    }

    func devices(_ user: UserID) async throws -> [Device] {
        try await value { [chat] in chat.devices(user: user, completion: $0) }
    }

    func revoke(_ user: UserID, _ device: DeviceID?) async throws {
        let device = try #require(device)
        let _: Void = try await value { [chat] in
            chat.revokeDevice(user: user, device: device, completion: $0)
        }
    }

    func setDisabled(_ user: UserID, _ disabled: Bool) async throws {
        let _: Void = try await value { [chat] in
            chat.setDisabled(user: user, disabled: disabled, completion: $0)
        }
    }

    func delete(_ user: UserID) async throws {
        let _: Void = try await value { [chat] in chat.deleteUser(user, completion: $0) }
    }

    /// What the service tells of sessions that end, from now on.
    func recordEnds() -> EndRecord {
        let record = EndRecord()
        chat.setSessionObserver { record.append($0) }
        return record
    }
}

/// Sessions that have ended, in the order of the telling.
///
/// `@unchecked Sendable`: `list` is touched under `monitor` only, which is immutable.
final class EndRecord: @unchecked Sendable {
    private let monitor = Monitor()
    private var list: [SessionEnd] = []

    func append(_ end: SessionEnd) { monitor.withLock { list.append(end) } }

    var all: [SessionEnd] { monitor.withLock { list } }
}

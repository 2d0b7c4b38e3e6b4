import Foundation
import MartletSimulation
import MartletStore
import Testing

@testable import MartletChat

/// A chat in a store of its own, removed at the end.
///
/// `@unchecked Sendable`: `store` and `chat` change in `reopen` only, while nothing else runs.
final class ChatFixture: @unchecked Sendable {
    let directory: String
    private(set) var store: Store
    private(set) var chat: ChatService
    let options: ChatOptions
    private let environment: Environment

    /// - Parameter clock: A clock that the test moves; the system's if left out.
    init(
        clock: SimulatedClock? = nil, _ change: (inout ChatOptions) -> Void = { _ in }
    ) throws {
        var environment = Environment.system
        if let clock { environment.clock = clock }
        self.environment = environment
        var options = ChatOptions()
        options.durability = .written
        options.passwordCost.logRounds = 4
        // Nobody would wait for a moment on a clock that stands still.
        if clock != nil { options.commitInterval = 0 }
        change(&options)
        self.options = options
        directory =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-chat-\(UUID().uuidString)").path
        store = try Store.open(at: directory, environment: environment)
        chat = try ChatService.open(store, options: options, environment: environment)
    }

    deinit {
        chat.close()
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func reopen() throws {
        chat.close()
        try store.close()
        store = try Store.open(at: directory, environment: environment)
        chat = try ChatService.open(store, options: options, environment: environment)
    }

    func users(_ names: String...) throws -> [UserID] {
        try chat.accounts.importUsers(names).users.map(\.user)
    }

    func send(
        _ user: UserID, _ peer: UserID, _ text: String, _ id: String = UUID().uuidString
    ) async throws -> SendReceipt {
        try await value { [chat] in
            chat.send(
                from: user, to: ConversationID(with: peer), text: text, clientMessageID: id,
                completion: $0)
        }
    }

    func events(_ user: UserID, after seq: UInt64 = 0, limit: Int = 1_000) async throws
        -> InboxPage
    {
        try await value { [chat] in
            chat.events(user: user, after: seq, limit: limit, completion: $0)
        }
    }

    func history(
        _ user: UserID, _ peer: UserID, _ range: HistoryRange, limit: Int
    ) async throws -> HistoryPage {
        try await value { [chat] in
            chat.history(
                user: user, conversation: ConversationID(with: peer), range: range,
                limit: limit, completion: $0)
        }
    }

    func verify() throws -> ChatVerifier.Report {
        var verifier = try ChatVerifier(store)
        return try verifier.run()
    }
}

/// Awaits a completion.
func value<Value: Sendable>(
    _ body: (@escaping ChatService.Completion<Value>) -> Void
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        body { continuation.resume(with: $0) }
    }
}

/// The error code of a call that should fail.
func code<Value: Sendable>(
    _ body: (@escaping ChatService.Completion<Value>) -> Void
) async -> ChatError.Code? {
    do {
        _ = try await value(body)
        return nil
    } catch {
        return (error as? ChatError)?.code
    }
}

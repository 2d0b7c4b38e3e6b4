import Foundation
import MartletStore
import Synchronization

@testable import MartletChat

/// A follower that has on its disk what it says.
final class FollowerVoice: Sendable {
    private let isSilent = Atomic<Bool>(false)

    /// Attaches to a store that is to write, and confirms whatever is logged.
    func attach(to store: Store) {
        guard let term = store.terms.current?.id else { return }
        store.attachFollower("one")
        store.replication.listen { [weak store, self] end in
            guard !isSilent.load(ordering: .relaxed), let store else { return }
            store.reportDurable("one", in: term, upTo: end.nextSequence - 1)
        }
    }

    /// Confirms nothing any more.
    func silence() { isSilent.store(true, ordering: .relaxed) }

    /// Confirms all, and goes on with that.
    func speak(of store: Store) {
        isSilent.store(false, ordering: .relaxed)
        guard let term = store.terms.current?.id else { return }
        store.reportDurable("one", in: term, upTo: store.lastLogged)
    }
}

/// A chat whose messages wait for one follower.
///
/// `@unchecked Sendable`: `store` and `chat` change in `reopen` only, while nothing else runs.
final class ReplicatedChat: @unchecked Sendable {
    let directory: String
    let voice = FollowerVoice()
    private(set) var store: Store
    private(set) var chat: ChatService
    private let options: ChatOptions
    private let storeOptions: StoreOptions

    /// - Parameters:
    ///   - path: of a store; one of its own if left out.
    ///   - timeout: milliseconds after which callers that wait are told so.
    init(
        at path: String? = nil, timeout: UInt64, _ change: (inout ChatOptions) -> Void = { _ in }
    ) throws {
        var options = ChatOptions()
        options.durability = .replicated(1)
        options.passwordCost.logRounds = 4
        change(&options)
        self.options = options
        var storeOptions = StoreOptions()
        storeOptions.replicationTimeout = timeout * 1_000
        self.storeOptions = storeOptions
        let fresh = FileManager.default.temporaryDirectory
            .appendingPathComponent("martlet-replicated-\(UUID().uuidString)").path
        directory = path ?? fresh
        store = try Store.open(at: directory, options: storeOptions)
        if store.role == .follower { _ = try store.promote(keepsCursors: true) }
        voice.attach(to: store)
        chat = try ChatService.open(store, options: options)
    }

    deinit {
        voice.speak(of: store)
        chat.close()
        try? store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    func reopen() throws {
        chat.close()
        try store.close()
        store = try Store.open(at: directory, options: storeOptions)
        voice.attach(to: store)
        voice.speak(of: store)
        chat = try ChatService.open(store, options: options)
    }

    /// What a follower has that has got everything so far, promoted, and its chat.
    func promotedCopy() throws -> ReplicatedChat {
        let copy = directory + "-copy-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: directory, toPath: copy)
        try Store.becomeFollower(at: copy)
        return try ReplicatedChat(at: copy, timeout: 60_000)
    }

    /// Sends until the answer is definite.
    func insist(
        _ user: UserID, _ peer: UserID, _ text: String, _ id: String
    ) async throws -> SendReceipt {
        while true {
            do {
                return try await send(user, peer, text, id)
            } catch let error as ChatError where error.code == .indefinite {
                continue
            }
        }
    }

    func send(
        _ user: UserID, _ peer: UserID, _ text: String, _ id: String
    ) async throws -> SendReceipt {
        try await value { [chat] in
            chat.send(
                from: user, to: ConversationID(with: peer), text: text, clientMessageID: id,
                completion: $0)
        }
    }

    func texts(_ user: UserID, _ peer: UserID) async throws -> [String] {
        let page = try await value {
            [chat] (completion: @escaping ChatService.Completion<HistoryPage>) in
            chat.history(
                user: user, conversation: ConversationID(with: peer), range: .newest, limit: 100,
                completion: completion)
        }
        return page.messages.map(\.text)
    }

    func verify() throws -> ChatVerifier.Report {
        var verifier = try ChatVerifier(store)
        return try verifier.run()
    }
}

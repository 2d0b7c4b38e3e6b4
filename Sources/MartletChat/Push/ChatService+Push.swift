import MartletStore

extension ChatService {
    /// Stores where a device gets its pushes, in place of what it had. `target` is opaque.
    public func subscribe(
        user: UserID, device: DeviceID, target: [UInt8], showsText: Bool,
        completion: @escaping Completion<Void>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(
                try pushBox.subscribe(user, device, target: target, showsText: showsText))
        }
    }

    /// Ends a device's pushes. With `target`, only if that is still the stored one.
    public func unsubscribe(
        user: UserID, device: DeviceID, onlyIf target: [UInt8]? = nil,
        completion: @escaping Completion<Void>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.unsubscribe(user, device, onlyIf: target))
        }
    }

    /// Everybody with a subscription. To be called once, before `subscribers` says anything.
    package func loadSubscribers(completion: @escaping Completion<[UserID]>) {
        read(completion) { [pushBox] () throws(StoreError) in .success(try pushBox.load()) }
    }

    /// Those of `users` who have a subscription. Does not block.
    package func subscribers(among users: some Sequence<UserID>) -> [UserID] {
        pushBox.subscribers(among: users)
    }

    /// Finds messages that no device of `user` has, puts a push for each device and conversation
    /// into the outbox, and gives them.
    package func collectPushes(
        of user: UserID, make: @escaping @Sendable (DuePush) -> StoredPush?,
        completion: @escaping Completion<[StoredPush]>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.collect(user, make))
        }
    }

    /// What a push may say now; `nil` where nothing is left to be said.
    package func pushContent(
        _ id: PushID, number: UInt64, completion: @escaping Completion<PushContent?>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.content(id, number: number))
        }
    }

    /// Up to `limit` pushes of the outbox from (`dueAt`, `id`) on, in that order.
    package func pendingPushes(
        from dueAt: UInt64, _ id: [UInt8], limit: Int,
        completion: @escaping Completion<[StoredPush]>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.pending(from: dueAt, id, limit: limit))
        }
    }

    /// Writes a push's new state, removes it (`nil`), or moves it to the dead letters, if the store
    /// still has it as `isCurrent` says.
    package func changePush(
        _ id: PushID, to push: StoredPush?, isDead: Bool, queuedAt: UInt64,
        if isCurrent: @escaping @Sendable ([UInt8]) -> Bool,
        completion: @escaping Completion<Void>
    ) {
        let change: PushBox.Change = push.map { isDead ? .bury($0) : .store($0) } ?? .remove
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.change(id, to: change, queuedAt: queuedAt, if: isCurrent))
        }
    }

    /// Dead letters in the order of their ids; at most `limit` behind `after`.
    package func deadPushes(
        after id: PushID? = nil, limit: Int, completion: @escaping Completion<[StoredPush]>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.dead(after: id, limit: limit))
        }
    }

    /// Takes a dead letter away, back into the outbox if `revive` makes a push of its state; a
    /// newer push that is there already stands for both.
    package func takeDeadPush(
        _ id: PushID, revive: @escaping @Sendable ([UInt8]) -> StoredPush?,
        completion: @escaping Completion<TakenDeadPush>
    ) {
        read(completion) { [pushBox] () throws(StoreError) in
            .success(try pushBox.takeDead(id, revive))
        }
    }
}

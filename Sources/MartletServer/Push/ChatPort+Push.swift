import MartletChat
import MartletPush

extension ChatPort {
    /// Checks a subscription, and stores it where its service is one of this server's.
    static func subscribe(
        _ user: UserID, _ device: DeviceID, _ request: SubscribeRequest, _ options: PushOptions,
        _ now: UInt64, _ chat: ChatService, _ reply: @escaping Reply
    ) {
        guard options.serves(request.kind) else {
            let words = "\(request.kind) pushes are not sent by this server"
            return reply(.failure(ChatError(.badRequest, words)))
        }
        let subscription: PushSubscription
        do throws(PushSubscriptionError) {
            subscription = try request.subscription(at: now, rules: options.rules)
        } catch {
            return reply(.failure(ChatError(.badRequest, "\(error)")))
        }
        chat.subscribe(
            user: user, device: device, target: subscription.encoded(),
            showsText: request.showsText
        ) { result in
            switch result {
            case .success: reply(.done)
            case .failure(let error): reply(.failure(error))
            }
        }
    }
}

extension PushOptions {
    /// Whether pushes of a kind are sent.
    func serves(_ kind: PushSubscription.Kind) -> Bool {
        switch kind {
        case .web: vapid != nil
        case .apns: apns != nil
        case .fcm: fcm != nil
        }
    }
}

import MartletSimulation

/// What people do, at random.
extension Crowd {
    func act() {
        for _ in 0..<4 {
            guard let device = devices.randomElement(using: &random), device.isLive else {
                continue
            }
            if Int.random(in: 0..<400, using: &random) == 0 {
                device.cut()
            } else {
                act(device)
            }
        }
    }

    private func act(_ device: ProbeDevice) {
        let conversation = randomConversation(of: device)
        let last = device.client?.lasts[conversation] ?? 0
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: device.askForSummaries()
        case 3..<8:
            device.ask(conversation, .newest, limit: Int.random(in: 1...30, using: &random))
        case 8..<13:
            let number = UInt64.random(in: 0...last + 1, using: &random)
            let range: SeenRange = Bool.random(using: &random) ? .before(number) : .after(number)
            device.ask(conversation, range, limit: Int.random(in: 1...30, using: &random))
        case 13..<25:
            let receipt: SeenReceipt = Bool.random(using: &random) ? .read : .delivered
            let upTo = UInt64.random(in: 0...last + 1, using: &random)
            device.move(receipt, conversation, upTo: upTo)
        case 25..<32 where !devices.contains(where: \.hasUnknownVerb):
            change(device, conversation, last)
        default:
            guard device.unsettled < backlog else { return }
            sent += 1
            device.compose(conversation, "m\(sent)")
        }
    }

    private func randomConversation(of device: ProbeDevice) -> ConversationKey {
        if Int.random(in: 0..<3, using: &random) == 0, let group = randomGroup() { return group }
        let other = devices.randomElement(using: &random)?.user ?? device.user
        return .between(device.user, other)
    }

    private func randomGroup() -> ConversationKey? {
        Set(devices.flatMap(\.groups)).sorted { "\($0)" < "\($1)" }.randomElement(using: &random)
    }

    private func change(
        _ device: ProbeDevice, _ conversation: ConversationKey, _ last: UInt64
    ) {
        let others = Set(devices.map(\.user)).subtracting([device.user]).sorted()
        let other = others.randomElement(using: &random) ?? device.user
        let number = UInt64.random(in: 0...last + 1, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0 where created.count < 20:
            let name = "group \(created.count)"
            let members = others.filter { _ in Bool.random(using: &random) }
            created[name] = [device.user] + members
            device.create(name, members: members)
        case 1: device.change(conversation, .add([other]))
        case 2: device.change(conversation, .remove(other))
        case 3: device.change(conversation, .delete(number))
        case 4: device.change(conversation, .hide(number))
        default:
            sent += 1
            device.change(conversation, .edit(number, content: "m\(sent) edited"))
        }
    }
}

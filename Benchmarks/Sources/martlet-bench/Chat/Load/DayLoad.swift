/// People's ways: few messages on many connections, and what goes with them. Who gets a message has
/// it delivered at once, reads it some seconds later, now and then scrolls up, and looks who is
/// there.
final class DayLoad: MessageLoad {
    /// Messages of one user in a day.
    static let messagesPerDay = 40.0

    private var reads: [(moment: UInt64, client: MartletClient, index: UInt64)] = []
    private var nextRead = 0
    private(set) var requests: UInt64 = 0
    private(set) var answers: UInt64 = 0

    override func arrived(_ index: UInt64, at client: ChatClient) {
        guard let client = client as? MartletClient else { return }
        move("delivered", of: client)
        let draw = RandomSource.scramble(index &+ 0xDA7)
        if draw % 10 < 8 { reads.append((reactor.now + 3_000_000_000, client, index)) }
    }

    override func work(_ now: UInt64) -> UInt64 {
        while nextRead < reads.count, reads[nextRead].moment <= now {
            let (_, client, index) = reads[nextRead]
            nextRead += 1
            guard client.isReady else { continue }
            move("read", of: client)
            client.flush()
            let draw = RandomSource.scramble(index)
            if draw % 4 == 0 { history(of: client) }
            if draw % 5 == 0 { presence(of: client) }
        }
        let next = nextRead < reads.count ? reads[nextRead].moment : .max
        return min(super.work(now), next)
    }

    private func conversation(of client: MartletClient) -> UInt64? {
        client.directory.conversation(.user(client.user ^ 1))
    }

    private func move(_ verb: StaticString, of client: MartletClient) {
        guard let peer = conversation(of: client) else { return }
        let output = reactor.output
        requests += 1
        client.requestLater(requests) {
            output.append("\"")
            output.append(verb)
            output.append(#"":{"conversation":""#)
            output.append(hex: peer)
            // Beyond the last counts as the last.
            output.append(#"","upTo":9007199254740991}"#)
        }
    }

    private func history(of client: MartletClient) {
        guard let peer = conversation(of: client) else { return }
        let output = reactor.output
        requests += 1
        client.request(requests) {
            output.append(#""history":{"conversation":""#)
            output.append(hex: peer)
            output.append(#"","limit":50}"#)
        }
    }

    private func presence(of client: MartletClient) {
        guard let peer = conversation(of: client) else { return }
        let output = reactor.output
        requests += 1
        client.request(requests) {
            output.append(#""presence":{"users":[""#)
            output.append(hex: peer)
            output.append(#""]}"#)
        }
    }

    override func answered(_ request: UInt64, by client: ChatClient, at now: UInt64) {
        answers += 1
    }
}

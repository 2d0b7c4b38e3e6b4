/// The chat data model: who writes to whom and what, the same for every engine and seed.
///
/// A row is `(user, conversation, number)`, 24 bytes big-endian; a conversation's id is the other
/// user's. Users are drawn by Zipf 0.99 of a million, the partner by Zipf of the user's 20.
struct ChatGenerator: Sendable {
    private var random: RandomSource
    private let population: ChatPopulation
    private let text: ChatText

    /// Each stream (a writer thread, the readers) draws independently of the others.
    init(population: ChatPopulation, text: ChatText, seed: UInt64, stream: UInt64) {
        random = RandomSource(seed: seed, stream: stream)
        self.population = population
        self.text = text
    }

    /// A user and one of the user's partners.
    mutating func pair() -> (user: UInt64, partner: UInt64) { population.draw(&random) }

    /// Fills in the next message; `number` makes its rows unique and orders them.
    mutating func message(number: UInt64, into message: ChatMessage) {
        let (user, partner) = pair()
        message.setKeys(user: user, partner: partner, number: number)
        let length = text.draw(&random, into: message.text)
        message.setMetadata(
            sender: user, number: number, clientID: random.next(), textLength: length)
    }
}

/// The users and their partners.
struct ChatPopulation: Sendable {
    private let users: ZipfDistribution
    private let partners = ZipfDistribution(count: 20)
    private let count: UInt64

    init(count: Int) {
        users = ZipfDistribution(count: count)
        self.count = UInt64(count)
    }

    /// A user by popularity and one of the user's partners.
    func draw(_ random: inout RandomSource) -> (user: UInt64, partner: UInt64) {
        let rank = UInt64(users.draw(&random))
        let slot = UInt64(partners.draw(&random))
        let partnerRank = RandomSource.scramble(rank &* 20 &+ slot &+ 1) % count
        return (RandomSource.scramble(rank &+ 1), RandomSource.scramble(partnerRank &+ 1))
    }
}

/// The memory of one message: two 24-byte keys, and 40 bytes of metadata followed by the text.
/// Used by one thread.
final class ChatMessage {
    private let memory = UnsafeMutableRawPointer.allocate(
        byteCount: 88 + ChatText.longest, alignment: 8)
    private var valueLength = 0

    deinit { memory.deallocate() }

    /// Where the text goes.
    var text: UnsafeMutableRawPointer { memory + 88 }

    /// The sender's row.
    var sent: KeyValue { KeyValue(key: bytes(0, 24), value: bytes(48, valueLength)) }

    /// The receiver's row.
    var received: KeyValue { KeyValue(key: bytes(24, 24), value: bytes(48, valueLength)) }

    fileprivate func setKeys(user: UInt64, partner: UInt64, number: UInt64) {
        store(user, at: 0)
        store(partner, at: 8)
        store(number, at: 16)
        store(partner, at: 24)
        store(user, at: 32)
        store(number, at: 40)
    }

    fileprivate func setMetadata(
        sender: UInt64, number: UInt64, clientID: UInt64, textLength: Int
    ) {
        store(sender, at: 48)
        store(number, at: 56)
        store(clientID, at: 64)
        store(1_700_000_000_000_000 &+ number &* 997, at: 72)
        store(UInt64(textLength), at: 80)
        valueLength = 40 + textLength
    }

    private func store(_ word: UInt64, at offset: Int) {
        memory.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
    }

    private func bytes(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + offset, count: count)
    }
}

/// What a client tells the load that drives it. `index` is the number of a message in the load.
protocol ChatListener: AnyObject {
    /// It is logged in and takes messages.
    func ready(_ client: ChatClient)
    /// The server has taken over responsibility for a message.
    func acknowledged(_ index: UInt64, at now: UInt64)
    /// A message has reached another user.
    func delivered(_ index: UInt64, to client: ChatClient, at now: UInt64)
    /// A request with this number, other than a message, is answered.
    func answered(_ request: UInt64, by client: ChatClient, at now: UInt64)
    /// A message or a request was refused.
    func refused(_ what: String, by client: ChatClient)
    func lost(_ client: ChatClient, _ reason: String)
}

extension ChatListener {
    func answered(_ request: UInt64, by client: ChatClient, at now: UInt64) {}
}

/// Whom a message is for.
enum Target {
    case user(Int)
    case group(Int)
}

/// One device of one user.
class ChatClient: Link {
    /// The user's number, 0 and up.
    let user: Int
    weak var listener: (any ChatListener)?
    final var isReady = false
    /// For the load's own use.
    final var tag: UInt64 = 0

    init(_ reactor: Reactor, user: Int, listener: any ChatListener) {
        self.user = user
        self.listener = listener
        super.init(reactor)
    }

    /// Sends message number `index`.
    func send(_ index: UInt64, to target: Target, _ body: MessageBody) {}

    /// Messages and events that came twice, not in order, or with a gap before them.
    final var disorders = 0

    final func becomeReady() {
        isReady = true
        listener?.ready(self)
    }

    override func lost(_ reason: String) {
        isReady = false
        listener?.lost(self, reason)
    }
}

/// The texts of messages: 16 hex digits of the message's number, then words.
struct MessageBody {
    private let words: [UInt8]
    private let filler: Int

    /// Bytes of a text.
    var count: Int { 16 + filler }

    /// - Parameter count: bytes of a text, 16 or more.
    init(bytes count: Int, seed: UInt64) {
        filler = max(0, count - 16)
        var random = RandomSource(seed: seed, stream: 0xB0D7)
        let text = ChatText(seed: seed)
        let space = UnsafeMutableRawPointer.allocate(byteCount: ChatText.longest, alignment: 8)
        defer { space.deallocate() }
        var words: [UInt8] = []
        while words.count < 64 << 10 {
            let length = text.draw(&random, into: space)
            words += UnsafeRawBufferPointer(start: space, count: length)
        }
        self.words = words
    }

    func append(_ index: UInt64, to output: ByteBuilder) {
        output.append(hex: index)
        let start = Int(RandomSource.scramble(index) % UInt64(words.count - filler))
        words.withUnsafeBytes {
            output.append(UnsafeRawBufferPointer(rebasing: $0[start..<start + filler]))
        }
    }
}

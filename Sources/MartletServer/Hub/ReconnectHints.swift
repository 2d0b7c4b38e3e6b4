import NIOCore

/// When each socket of a stopping server is told to come back: spread evenly, so that the next
/// server does not meet all of them in one moment.
package struct ReconnectHints {
    /// Milliseconds before anybody comes back: a restart takes about that.
    static let earliest = 500

    let count: Int
    let spread: Int

    /// - Parameter spread: milliseconds over which they come back at most; a thousand come back in
    ///   a second, however long it is.
    package init(count: Int, _ spread: Int) {
        self.count = max(count, 1)
        self.spread = min(spread, count)
    }

    /// Milliseconds after which socket number `index` may come back.
    package func after(_ index: Int) -> Int {
        Self.earliest + spread * index / count
    }

    /// `{"reconnect":{"after":ms}}`.
    func frame(_ index: Int) -> ByteBuffer {
        let after = UInt64(after(index))
        return FrameEncoder.text { writer in
            writer.beginObject()
            writer.key("reconnect")
            writer.beginObject()
            writer.key("after")
            writer.integer(after)
            writer.endObject()
            writer.endObject()
        }
    }
}

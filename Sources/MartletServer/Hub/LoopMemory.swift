import NIOCore

/// Memory that the connections of a loop share, each for the moment of one frame: an idle socket
/// keeps none, and a frame allocates none. Whoever comes upon it in use gets new memory.
final class LoopMemory {
    typealias Actions = [SessionStateMachine.Action]

    @exclusivity(unchecked) private var json = JSONWriter()
    @exclusivity(unchecked) private var isWriting = false
    @exclusivity(unchecked) private var payload: ByteBuffer?
    @exclusivity(unchecked) private var actions: Actions = []

    /// Bytes beyond which memory is given back.
    private static let kept = 64 << 10

    /// As `FrameEncoder.text`.
    func text(_ body: (inout JSONWriter) -> Void) -> ByteBuffer {
        if isWriting { return FrameEncoder.text(body) }
        isWriting = true
        defer { isWriting = false }
        let frame = FrameEncoder.text(with: &json, body)
        if json.capacity > Self.kept { json = JSONWriter() }
        return frame
    }

    /// For the payload of one message.
    func takePayload() -> ByteBuffer {
        guard var payload else { return ByteBuffer() }
        self.payload = nil
        payload.clear()
        return payload
    }

    /// The message is handled.
    func give(_ payload: ByteBuffer) {
        if payload.storageCapacity <= Self.kept { self.payload = payload }
    }

    func takeActions() -> Actions {
        let free = actions
        actions = []
        return free
    }

    func give(_ done: inout Actions) {
        guard done.capacity <= 64 else { return }
        done.removeAll(keepingCapacity: true)
        swap(&actions, &done)
    }
}

/// What a server that takes no writes tells of itself.
package struct ReadOnlyFacts: Sendable, Hashable {
    /// Its store has all up to this sequence.
    package var position: UInt64
    /// Where the writes are taken, if that is known: a URL.
    package var primary: String?

    package init(position: UInt64, primary: String? = nil) {
        self.position = position
        self.primary = primary
    }

    func write(to json: inout JSONWriter) {
        json.key("readOnly")
        json.beginObject()
        json.field("position", position)
        if let primary { json.field("primary", primary) }
        json.endObject()
    }
}

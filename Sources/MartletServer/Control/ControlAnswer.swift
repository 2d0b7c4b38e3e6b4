import NIOCore

/// What is answered to a control request.
package struct ControlAnswer: Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    /// One JSON object; `write` puts its keys and values.
    package static func json(
        _ status: Int = 200, _ write: (inout JSONWriter) -> Void
    ) -> ControlAnswer {
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer)
        writer.endObject()
        let bytes = Array(writer.finish().readableBytesView)
        return ControlAnswer(
            status: status, contentType: "application/json", body: bytes + [UInt8(ascii: "\n")])
    }

    package static func text(_ text: String, contentType: String) -> ControlAnswer {
        ControlAnswer(status: 200, contentType: contentType, body: Array(text.utf8))
    }

    /// `{"error":{"code":…,"message":…}}`.
    package init(_ fault: ControlFault) {
        self = .json(fault.status) { writer in
            writer.key("error")
            writer.beginObject()
            writer.key("code")
            writer.string(fault.code)
            writer.key("message")
            writer.string(fault.message)
            writer.endObject()
        }
    }
}

import Foundation

/// XMPP as an ordinary client speaks it: SASL PLAIN, resource binding, stream management, presence.
final class XMPPClient: ChatClient {
    private enum Step { case features, authentication, restarted, binding, enabling, ready }

    private var step = Step.features
    /// Stanzas handled since stream management was enabled.
    private var handled: UInt64 = 0

    override func connected() {
        step = .features
        handled = 0
        openStream()
    }

    private func openStream() {
        reactor.output.append(
            """
            <?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' \
            xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>
            """)
    }

    override func send(_ index: UInt64, to target: Target, _ body: MessageBody) {
        guard case .user(let peer) = target else { return }
        let output = reactor.output
        output.append("<message to='u")
        output.append(number: UInt64(peer))
        output.append("@localhost' type='chat' id='")
        output.append(number: index)
        output.append("'><body>")
        body.append(index, to: output)
        output.append("</body></message>")
        flush()
    }

    override func take(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while let stanza = XMLStanza(bytes, from: offset) {
            receive(UnsafeRawBufferPointer(rebasing: bytes[stanza.start..<stanza.end]))
            offset = stanza.end
        }
        return offset
    }

    private func receive(_ stanza: UnsafeRawBufferPointer) {
        if stanza.has("<message", at: 0) {
            handled += 1
            guard let text = stanza.end(of: "<body>"), let index = stanza.hex(at: text) else {
                return
            }
            listener?.delivered(index, to: self, at: reactor.now)
        } else if stanza.has("<r ", at: 0) || stanza.has("<r/", at: 0) {
            reactor.output.append("<a xmlns='urn:xmpp:sm:3' h='")
            reactor.output.append(number: handled)
            reactor.output.append("'/>")
        } else if stanza.has("<presence", at: 0) || stanza.has("<iq", at: 0) {
            handled += 1
            if step == .binding { enable() }
        } else if stanza.has("<failure", at: 0) || stanza.has("<stream:error", at: 0) {
            listener?.refused(String(decoding: stanza, as: UTF8.self), by: self)
        } else {
            logIn(stanza)
        }
    }

    private func logIn(_ stanza: UnsafeRawBufferPointer) {
        let output = reactor.output
        switch step {
        case .features where stanza.has("<stream:features", at: 0):
            let plain = Data("\0u\(user)\0password".utf8).base64EncodedString()
            output.append("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>")
            output.append(plain)
            output.append("</auth>")
            step = .authentication
        case .authentication where stanza.has("<success", at: 0):
            openStream()
            step = .restarted
        case .restarted where stanza.has("<stream:features", at: 0):
            output.append(
                "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
            step = .binding
        case .enabling where stanza.has("<enabled", at: 0):
            handled = 0
            output.append("<presence/>")
            step = .ready
            becomeReady()
        default:
            break
        }
    }

    private func enable() {
        reactor.output.append("<enable xmlns='urn:xmpp:sm:3'/>")
        step = .enabling
    }
}

/// Where a whole top-level element of a stream lies. Knows only what servers write: attribute
/// values without `>`, no comments, no CDATA.
struct XMLStanza {
    var start: Int
    var end: Int

    /// The first one at or after `offset`; nil if it is not complete. Stream headers are skipped.
    init?(_ bytes: UnsafeRawBufferPointer, from offset: Int) {
        var depth = 0
        var index = offset
        var first = offset
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<") else {
                index += 1
                continue
            }
            var close = index + 1
            while close < bytes.count, bytes[close] != UInt8(ascii: ">") { close += 1 }
            guard close < bytes.count else { return nil }
            let isHeader =
                bytes[index + 1] == UInt8(ascii: "?") || bytes.has("<stream:stream", at: index)
                || bytes.has("</stream:stream", at: index)
            if !isHeader {
                if depth == 0 { first = index }
                if bytes[index + 1] == UInt8(ascii: "/") {
                    depth -= 1
                } else if bytes[close - 1] != UInt8(ascii: "/") {
                    depth += 1
                }
                if depth <= 0 {
                    start = first
                    end = close + 1
                    return
                }
            }
            index = close + 1
        }
        return nil
    }
}

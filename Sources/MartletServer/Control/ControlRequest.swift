/// One request on the control socket: what `docs/operations/control.md` describes.
package struct ControlRequest: Sendable {
    package var method: String
    /// Decoded parts of the path: `/v1/users/ann` is `["v1", "users", "ann"]`.
    package var path: [String]
    package var query: [String: String]
    package var body: [UInt8]
    /// What the route's pattern has taken from the path.
    package var parameters: [String: String] = [:]

    /// - Parameter target: path and query, percent-encoded; `nil` is returned for what is none.
    package init?(method: String, target: String, body: [UInt8] = []) {
        guard target.hasPrefix("/") else { return nil }
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "/").map(PercentCoding.decode)
        guard !parts.contains(nil) else { return nil }
        path = parts.compactMap { $0 }
        query = [:]
        for pair in halves.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentCoding.decode(sides[0]),
                let value = PercentCoding.decode(sides.count > 1 ? sides[1] : "")
            else { return nil }
            query[name] = value
        }
        self.method = method
        self.body = body
    }

    /// A number of the query within `bounds`; `fallback` if it is not there.
    package func number(
        _ name: String, _ bounds: ClosedRange<Int>, or fallback: Int
    ) throws(ControlFault) -> Int {
        guard let text = query[name] else { return fallback }
        guard let number = Int(text), bounds.contains(number) else {
            throw .badRequest("\(name): \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }

    /// The text fields of the body, which must be one JSON object of texts, numbers and switches.
    package func fields() throws(ControlFault) -> [String: JSONReader.Token] {
        let result = body.withUnsafeBytes {
            bytes -> Result<[String: JSONReader.Token], JSONError> in
            do throws(JSONError) {
                return .success(try Self.flatObject(bytes))
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let fields): return fields
        case .failure(let error):
            throw .badRequest("body: \(error.reason.rawValue) at \(error.offset)")
        }
    }

    private static func flatObject(
        _ bytes: UnsafeRawBufferPointer
    ) throws(JSONError) -> [String: JSONReader.Token] {
        var reader = try JSONReader(bytes, maxDepth: 2)
        guard try reader.next() == .beginObject else {
            throw JSONError(.unexpectedByte, at: 0)
        }
        var fields: [String: JSONReader.Token] = [:]
        while case .key(let name) = try reader.next() {
            let value = try reader.next()
            if value == .beginObject || value == .beginArray {
                throw JSONError(.tooDeep, at: 0)
            }
            fields[name] = value
        }
        guard try reader.next() == .end else { throw JSONError(.trailingBytes, at: 0) }
        return fields
    }
}

/// Why a control request is refused or failed.
package struct ControlFault: Error, Sendable, Equatable {
    package var status: Int
    /// A stable word.
    package var code: String
    /// For people.
    package var message: String

    package init(_ status: Int, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    package static func badRequest(_ message: String) -> ControlFault {
        ControlFault(400, "bad_request", message)
    }

    package static func notFound(_ message: String) -> ControlFault {
        ControlFault(404, "not_found", message)
    }
}

/// RFC 3986, section 2.1.
package enum PercentCoding {
    package static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e:
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// `nil` for a `%` without two digits behind it, and for bytes that are not UTF-8.
    package static func decode(_ text: some StringProtocol) -> String? {
        var decoded: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit)
            else { return nil }
            decoded.append(high << 4 | low)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

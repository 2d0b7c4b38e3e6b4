import Crypto
package import NIOCore
import NIOHTTP1

/// The files of the web client, as they are in the binary.
package struct StaticFiles: Sendable {
    package struct File: Sendable {
        package var contentType: String
        package var etag: String
        package var bytes: ByteBuffer
        /// The same as gzip, where that is smaller.
        var gzip: ByteBuffer?

        /// What to send to a client whose `Accept-Encoding` has these elements. Each form has an
        /// ETag of its own.
        package func form(
            accepting encodings: [Substring]
        ) -> (etag: String, encoding: String?, bytes: ByteBuffer) {
            let accepted = encodings.contains { element in
                let parts = element.split(separator: ";").map { $0.filter { $0 != " " } }
                return parts.first == "gzip" && !parts.dropFirst().contains("q=0")
            }
            guard accepted, let gzip else { return (etag, nil, bytes) }
            return (etag.dropLast() + "-gzip\"", "gzip", gzip)
        }
    }

    private let files: [String: File]

    /// - Parameter files: by name, such as `index.html`.
    package init(_ files: [String: [UInt8]]) {
        var table: [String: File] = [:]
        for (name, bytes) in files {
            let digest = Base64.encode(Array(SHA256.hash(data: bytes).prefix(15)))
            table["/" + name] = File(
                contentType: Self.contentType(of: name), etag: "\"\(digest)\"",
                bytes: ByteBuffer(bytes: bytes),
                gzip: Gzip.compressed(bytes).map { ByteBuffer(bytes: $0) })
        }
        table["/"] = table["/index.html"]
        self.files = table
    }

    /// By path, without its query.
    package subscript(path: Substring) -> File? { files[String(path)] }

    static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "json": "application/json"
        case "webmanifest": "application/manifest+json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "ico": "image/x-icon"
        case "woff2": "font/woff2"
        case "txt": "text/plain; charset=utf-8"
        default: "application/octet-stream"
        }
    }
}

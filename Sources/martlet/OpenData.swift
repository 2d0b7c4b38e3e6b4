import Glibc
import MartletServer
import MartletStore

/// A reason to stop, as one sentence.
struct Complaint: Error, CustomStringConvertible {
    var description: String
}

/// Opens a data directory with errors a person can act on.
enum OpenData {
    static func open(at directory: String, options: StoreOptions = StoreOptions()) throws -> Store {
        do {
            return try Store.open(at: directory, options: options)
        } catch {
            throw explain(error, directory)
        }
    }

    /// The same error in words.
    static func explain(_ error: any Error, _ directory: String) -> any Error {
        switch error {
        case let error as ListenError:
            return Complaint(description: error.description)
        case let error as ConfigurationError where error.reason == .insecureAddress:
            return Complaint(
                description: error.description + " (--tls-certificate and --tls-key, or "
                    + "--insecure-http behind a proxy with TLS)")
        case let error as ConfigurationError:
            return Complaint(description: error.description)
        case let error as StoreError:
            return Complaint(description: "\(directory): \(error)")
        default:
            return error
        }
    }

    /// `path` from the root on, without a slash at its end.
    static func trimmed(_ path: String) -> String {
        var path = absolute(path)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// `path` from the root on.
    static func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        guard let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }
}

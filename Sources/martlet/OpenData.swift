import MartletServer
import MartletStore

/// A reason to stop, as one sentence.
struct Complaint: Error, CustomStringConvertible {
    var description: String
}

/// Opens a data directory with errors a person can act on.
enum OpenData {
    static func open(at directory: String) throws -> Store {
        do {
            return try Store.open(at: directory)
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
}

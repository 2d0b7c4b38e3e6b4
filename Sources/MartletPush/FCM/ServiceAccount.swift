import CryptoExtras
import FoundationEssentials

/// The account under which this server calls FCM, from the JSON file that Google's console gives.
public struct ServiceAccount: Sendable {
    /// Why a file is not taken.
    public struct Malformed: Error, CustomStringConvertible {
        /// In words, without the file's secrets.
        public let description: String
    }

    private struct File: Decodable {
        var project_id: String
        var client_email: String
        var private_key_id: String?
        var private_key: String
        var token_uri: String?
    }

    let project: String
    let email: String
    let keyID: String?
    let key: _RSA.Signing.PrivateKey
    let tokenURL: String

    /// Reads the file's bytes.
    public init(json: [UInt8]) throws(Malformed) {
        let file: File
        do {
            file = try JSONDecoder().decode(File.self, from: Data(json))
        } catch {
            throw Malformed(description: "not a service account's JSON")
        }
        do {
            key = try _RSA.Signing.PrivateKey(pemRepresentation: file.private_key)
        } catch {
            throw Malformed(description: "private_key is not an RSA key in PEM")
        }
        let isName = file.project_id.utf8.allSatisfy {
            Base64URL.isLetter($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":")
        }
        guard isName, !file.project_id.isEmpty else {
            throw Malformed(description: "project_id is not a project's name")
        }
        project = file.project_id
        email = file.client_email
        keyID = file.private_key_id
        tokenURL = file.token_uri ?? "https://oauth2.googleapis.com/token"
    }

    /// The assertion that buys an access token. `now` is in seconds since 1970.
    func assertion(now: UInt64) throws -> String {
        let claims = JSONText.object([
            "iss": .string(email),
            "scope": .string("https://www.googleapis.com/auth/firebase.messaging"),
            "aud": .string(tokenURL), "iat": .number(now), "exp": .number(now + 3_600),
        ])
        return try WebToken.sign(claims, keyID: keyID, with: key)
    }
}

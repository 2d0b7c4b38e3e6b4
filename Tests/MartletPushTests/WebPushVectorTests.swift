import Crypto
import Testing

@testable import MartletPush

@Suite("Web Push encryption")
struct WebPushVectorTests {
    private static let body =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vC"
        + "YLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXL"
        + "WyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

    private func target() throws -> WebPushTarget {
        let subscription = try TestKeys.webSubscription("https://push.test/p")
        guard case .web(let target) = subscription.target else { throw PushSubscriptionError.key }
        return target
    }

    @Test("the example of RFC 8291 comes out byte for byte")
    func vector() throws {
        let scalar = try #require(
            Base64URL.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
        let salt = try #require(Base64URL.decode("DGv6ra1nlYgDCS1FRnbzlw"))
        let sealed = try WebPushEncryption.seal(
            Array("When I grow up, I want to be a watermelon".utf8), for: target(),
            with: P256.KeyAgreement.PrivateKey(rawRepresentation: scalar), salt: salt)
        #expect(sealed.count == 144)
        #expect(Base64URL.encode(sealed) == Self.body)
    }

    @Test("two messages share neither salt nor key")
    func fresh() throws {
        let one = try WebPushEncryption.seal([1], for: target())
        let other = try WebPushEncryption.seal([1], for: target())
        #expect(one[..<16] != other[..<16])
        #expect(one[21..<86] != other[21..<86])
    }

    @Test("the largest plaintext fills what every service must take")
    func largest() throws {
        #expect(WebPushEncryption.plaintextMax == 3_993)
        let sealed = try WebPushEncryption.seal(
            [UInt8](repeating: 7, count: WebPushEncryption.plaintextMax), for: target())
        #expect(sealed.count == 4_096)
    }
}

import MartletChat
import MartletServer
import Testing

@Suite("Devices on a socket")
struct SessionDeviceTests {
    private static let own = DeviceID(rawValue: 0xd1)
    private let unauthorized = ChatOutcome.failure(ChatError(.unauthorized, "ended"))

    private func authenticated() -> SessionScript {
        var script = SessionScript()
        _ = script.client(#"{"hi":{"version":1,"agent":"test"}}"#)
        _ = script.client(#"{"auth":{"token":"t"}}"#)
        _ = script.reply(.session(session(expiresAt: 9_000_000_000_000)))
        return script
    }

    private func session(expiresAt: UInt64) -> Session {
        Session(
            user: UserID(rawValue: 1), name: "ann", device: Self.own, token: nil,
            expiresAt: expiresAt)
    }

    @Test("login and register take a label and tell the device")
    func label() {
        var script = SessionScript()
        _ = script.client(#"{"hi":{"version":1,"agent":"test"}}"#)
        _ = script.client(#"{"login":{"name":"ann","password":"secret12","device":"Tablet"}}"#)
        #expect(
            script.lastCall == .logIn(name: "ann", password: "secret12", label: "Tablet"))
        #expect(
            script.reply(.session(session(expiresAt: 9))) == [
                "attach 0000000000000001",
                #"{"login":{"user":"0000000000000001","name":"ann","device":"00000000000000d1","#
                    + #""expiresAt":9}}"#,
            ])
        let long = String(repeating: "x", count: 65)
        for device in [#""""#, "7", "null", "\"\(long)\""] {
            let frame = #"{"register":{"name":"a","password":"secret12","device":\#(device)}}"#
            guard case .failure(let fault) = SessionScript.parse(frame) else {
                Issue.record("\(device) was taken")
                continue
            }
            #expect(fault.kind == .badRequest)
        }
    }

    @Test("devices are listed, the own one marked")
    func list() {
        var script = authenticated()
        #expect(script.client(#"{"id":"1","devices":{}}"#).isEmpty)
        #expect(script.lastCall == .devices(UserID(rawValue: 1)))
        let other = Device(
            device: DeviceID(rawValue: 2), label: "x", createdAt: 3, lastSeenAt: 4, expiresAt: 5)
        var own = other
        own.device = Self.own
        own.hasPush = true
        #expect(
            script.reply(.devices([own, other])) == [
                #"{"id":"1","devices":{"devices":["#
                    + #"{"device":"00000000000000d1","label":"x","createdAt":3,"lastSeenAt":4,"#
                    + #""expiresAt":5,"current":true,"push":true},"#
                    + #"{"device":"0000000000000002","label":"x","createdAt":3,"lastSeenAt":4,"#
                    + #""expiresAt":5,"current":false,"push":false}]}}"#
            ])
    }

    @Test("revoking another device leaves this socket as it is")
    func revoke() {
        var script = authenticated()
        #expect(script.client(#"{"id":"1","revoke":{"device":"0000000000000002"}}"#).isEmpty)
        #expect(
            script.lastCall == .revoke(UserID(rawValue: 1), DeviceID(rawValue: 2)))
        #expect(
            script.reply(.done) == [#"{"id":"1","revoke":{"device":"0000000000000002"}}"#])
        #expect(script.machine.user != nil)
    }

    @Test("revoking the own device is a log-out: the socket stays, whatever comes first")
    func revokeOwn() {
        var script = authenticated()
        _ = script.client(#"{"id":"1","revoke":{"device":"00000000000000d1"}}"#)
        #expect(script.handle(.revoked).isEmpty)
        #expect(
            script.reply(.done) == [
                "detach", #"{"id":"1","revoke":{"device":"00000000000000d1"}}"#,
            ])
        #expect(
            script.client(#"{"id":"2","devices":{}}"#) == [
                #"{"id":"2","# + unauthorizedText + "}"
            ])
    }

    @Test("one's own log-out is not taken for another's, but another's closes")
    func logOut() {
        var script = authenticated()
        _ = script.client(#"{"id":"1","logout":{}}"#)
        #expect(script.handle(.revoked).isEmpty)
        #expect(script.reply(.done).last == #"{"id":"1","logout":{}}"#)
        var other = authenticated()
        #expect(other.handle(.revoked) == ["detach", "close 3502"])
        var disabled = authenticated()
        #expect(disabled.handle(.disabled) == ["detach", "close 3504"])
    }

    @Test("a password is changed for this device")
    func password() {
        var script = authenticated()
        _ = script.client(#"{"id":"1","password":{"old":"a","new":"secret12"}}"#)
        #expect(
            script.lastCall
                == .changePassword(
                    UserID(rawValue: 1), keeping: Self.own, old: "a", new: "secret12"))
        #expect(script.reply(.done) == [#"{"id":"1","password":{}}"#])
        #expect(script.machine.user != nil)
    }

    @Test("before authentication, and with fields that are none, they are refused")
    func refusals() {
        var script = SessionScript()
        _ = script.client(#"{"hi":{"version":1,"agent":"test"}}"#)
        for frame in [
            #"{"devices":{}}"#, #"{"revoke":{"device":"00000000000000d1"}}"#,
            #"{"password":{"old":"a","new":"b"}}"#,
        ] {
            #expect(script.client(frame) == ["{" + unauthorizedText + "}"])
        }
        for frame in [
            #"{"revoke":{}}"#, #"{"revoke":{"device":"D1"}}"#,
            #"{"revoke":{"device":"00000000000000D1"}}"#, #"{"password":{"old":"a"}}"#,
        ] {
            guard case .failure(let fault) = SessionScript.parse(frame) else {
                Issue.record("\(frame) was taken")
                continue
            }
            #expect(fault.kind == .badRequest)
        }
    }

    @Test("a live session is looked at again each hour, and its expiry put off")
    func recheck() {
        var script = authenticated()
        script.wall += 3_599_000_000
        #expect(script.handle(.tick).isEmpty && script.calls.isEmpty)
        script.wall += 1_000_000
        #expect(script.handle(.tick).isEmpty)
        #expect(script.lastCall == .authenticate(token: "t"))
        #expect(script.handle(.tick).isEmpty && script.calls.count == 1)
        #expect(script.reply(.session(session(expiresAt: 10_000_000_000_000))).isEmpty)
        script.wall = 9_500_000_000_000
        #expect(script.client(#"{"id":"1","ping":{}}"#) == [#"{"id":"1","ping":{}}"#])
        #expect(script.machine.user != nil)
    }

    @Test("a session with little time left is looked at a quarter of the way, by a frame too")
    func soon() {
        var script = SessionScript()
        _ = script.client(#"{"hi":{"version":1,"agent":"test"}}"#)
        _ = script.client(#"{"auth":{"token":"t"}}"#)
        _ = script.reply(.session(session(expiresAt: script.wall + 60_000_000)))
        for round in 1...100 {
            script.wall += 5_000_000
            _ = script.client(#"{"ping":{}}"#)
            let isDue = round % 3 == 0
            #expect(script.calls.count == (isDue ? 1 : 0))
            if isDue { _ = script.reply(.session(session(expiresAt: script.wall + 60_000_000))) }
        }
        #expect(script.machine.user != nil)
    }

    @Test("a session that has ended unheard is closed when it is looked at; a busy store is not")
    func recheckRefused() {
        var script = authenticated()
        script.wall += 3_600_000_000
        _ = script.handle(.tick)
        #expect(script.reply(.failure(ChatError(.unavailable, "no disk"))).isEmpty)
        script.wall += 3_600_000_000
        _ = script.handle(.tick)
        #expect(script.reply(unauthorized) == ["detach", "close 3502"])
    }
}

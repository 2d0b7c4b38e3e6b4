import MartletChat
import MartletServer
import Testing

@Suite struct ClientFrameTests {
    private func kind(_ text: String) -> FrameFault.Kind? {
        if case .failure(let fault) = SessionScript.parse(text) { return fault.kind }
        return nil
    }

    private func code(_ text: String) -> String? {
        if case .failure(let fault) = SessionScript.parse(text) { return ErrorFrame(fault).code }
        return nil
    }

    @Test(
        "what is no frame is malformed",
        arguments: [
            "", " ", "[]", "1", "\"x\"", "{", "{}x", "{\"id\":1,\"ping\":{}}",
            "{\"id\":\"\",\"ping\":{}}", "{\"ping\":{},\"ping\":{}}", "{\"ping\":{},}",
            "{\"id\":\"1\",\"send\":{\"conversation\":",
        ])
    func malformed(_ text: String) {
        #expect(code(text) == "malformed")
    }

    @Test(
        "a frame with a wrong verb or wrong fields is refused with its id",
        arguments: [
            ("bad_request", "{\"id\":\"1\"}"),
            ("bad_request", "{\"id\":\"1\",\"ping\":{},\"logout\":{}}"),
            ("bad_request", "{\"id\":\"1\",\"ping\":1}"),
            ("unknown_verb", "{\"id\":\"1\",\"dance\":{}}"),
            ("bad_request", "{\"dance\":{},\"ping\":{},\"id\":\"1\"}"),
            ("bad_request", "{\"id\":\"1\",\"find\":{}}"),
            ("bad_request", "{\"id\":\"1\",\"find\":{\"name\":null}}"),
            ("bad_request", "{\"id\":\"1\",\"sync\":{\"epoch\":1,\"seq\":-1}}"),
            ("bad_request", "{\"id\":\"1\",\"sync\":{\"epoch\":1,\"seq\":1.0}}"),
            ("bad_request", "{\"id\":\"1\",\"sync\":{\"epoch\":4294967296,\"seq\":1}}"),
            ("bad_request", "{\"id\":\"1\",\"sync\":{\"epoch\":1,\"seq\":9007199254740992}}"),
            ("bad_request", "{\"id\":\"1\",\"find\":{\"name\":[[{}]]}}"),
            (
                "bad_request",
                "{\"id\":\"1\",\"history\":{\"conversation\":\"0000000000000002\",\"before\":1,"
                    + "\"after\":1}}"
            ),
            ("bad_request", "{\"id\":\"1\",\"history\":{\"conversation\":\"00000000000000AF\"}}"),
        ])
    func refused(_ expected: String, _ text: String) {
        #expect(code(text) == expected)
        if case .failure(let fault) = SessionScript.parse(text) { #expect(fault.id == "1") }
    }

    @Test("a text of 16 KiB is taken, one byte more is too large")
    func textLimit() {
        let head = #"{"send":{"conversation":"0000000000000002","clientMessageID":"c","text":""#
        #expect(code(head + String(repeating: "x", count: 16_384) + "\"}}") == nil)
        #expect(code(head + String(repeating: "x", count: 16_385) + "\"}}") == "too_large")
    }

    @Test("a watch of nothing ends it, one of groups needs no users")
    func watch() throws {
        let group = ConversationID(rawValue: 1 << 63 | 5)
        for (text, groups) in [
            (#"{"watch":{}}"#, []), (#"{"watch":{"users":[]}}"#, []),
            (#"{"watch":{"conversations":["8000000000000005"]}}"#, [group]),
        ] {
            let frame = try SessionScript.parse(text).get()
            #expect(frame.request == .action(.watch([], groups: groups)))
        }
        #expect(code(#"{"watch":{"users":null}}"#) == "bad_request")
    }

    @Test("the id may come behind the verb, and unknown fields are ignored")
    func order() throws {
        let frame = try SessionScript.parse(
            #"{"find":{"later":[1,{"a":"b"}],"name":"x"},"id":"9"}"#
        ).get()
        #expect(frame == ClientFrame(id: "9", request: .find(name: "x")))
    }

    @Test("bytes that are not UTF-8 are told apart, wherever they are")
    func notUTF8() {
        let result = SessionScript.parse(Array(#"{"x"#.utf8) + [0xFF])
        if case .failure(let fault) = result {
            #expect(fault.kind == .notUTF8)
        } else {
            Issue.record("accepted")
        }
    }
}

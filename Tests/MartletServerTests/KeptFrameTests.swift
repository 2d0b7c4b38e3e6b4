import MartletChat
import NIOCore
import Testing

@testable import MartletServer

@Suite("The error of a send that is kept") struct KeptFrameTests {
    @Test("says so, and when to repeat it; no other error does")
    func frame() {
        var error = ChatError(.unavailable, "the disk is full", retryAfterMilliseconds: 5_000)
        let plain =
            "{\"id\":\"6\",\"error\":{\"code\":\"unavailable\",\"status\":503,"
            + "\"message\":\"the disk is full\",\"retryAfter\":5000"
        #expect(text(error) == plain + "}}")
        error.isKept = true
        #expect(text(error) == plain + ",\"kept\":true}}")
    }

    private func text(_ error: ChatError) -> String {
        var json = JSONWriter()
        Answer("6", .error(ErrorFrame(error))).write(to: &json, facts: ServerFacts(build: "b"))
        return String(buffer: json.finish())
    }
}

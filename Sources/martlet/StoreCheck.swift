import MartletChat
import MartletStore

/// Reads all of a store, and of the chat in it: what `verify`, `backup` and `restore` share.
enum StoreCheck {
    static func run(_ data: String, errorsKept: Int) throws -> VerifyText {
        let report: StoreVerifier.Report
        do {
            report = try StoreVerifier.run(
                directory: data, environment: .system, errorsKept: errorsKept)
        } catch {
            throw OpenData.explain(error, data)
        }
        let chat = report.isSound ? try verifyChat(data, errorsKept) : nil
        return VerifyText(report: report, chat: chat, data: data)
    }

    /// The chat's part; `nil` where there is no chat in the store.
    private static func verifyChat(
        _ data: String, _ errorsKept: Int
    ) throws -> ChatVerifier.Report? {
        var attempt = 0
        while true {
            attempt += 1
            do throws(StoreError) {
                var options = StoreOptions()
                options.readOnly = true
                let store = try Store.open(at: data, options: options)
                guard store.tables.contains(where: { $0.name == "messages" }) else { return nil }
                var verifier = try ChatVerifier(store, errorsKept: errorsKept)
                return try verifier.run()
            } catch {
                // Files were sound a moment ago: a server beside this has moved them.
                if attempt == 3 { throw OpenData.explain(error, data) }
            }
        }
    }
}

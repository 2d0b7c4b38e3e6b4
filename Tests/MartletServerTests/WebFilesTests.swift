import Foundation
import MartletServer
import Testing

@Suite struct WebFilesTests {
    @Test("every file of the web client is in the binary, byte for byte")
    func complete() throws {
        let folder = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/MartletServer/Web")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { !$0.hasPrefix(".") }
        #expect(Set(names) == Set(WebFiles.all.keys))
        for name in names {
            let bytes = try Data(contentsOf: folder.appending(path: name))
            #expect(WebFiles.all[name] == Array(bytes), "\(name)")
        }
    }
}

import Foundation
import MartletServer
import NIOCore
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

    @Test("the service worker keeps every file that the page may need without a connection")
    func shell() throws {
        let worker = try #require(WebFiles.all["sw.js"].map { String(decoding: $0, as: UTF8.self) })
        let list = try #require(
            worker.split(separator: "const shell = [").last?.prefix { $0 != "]" })
        let kept = Set(list.split(separator: "\"").filter { $0.contains(".") }.map(String.init))
        let notNeeded: Set<String> = ["index.html", "sw.js", "icon-512.png", "icon-maskable.png"]
        #expect(kept.subtracting(["./"]) == Set(WebFiles.all.keys).subtracting(notNeeded))
    }

    @Test("the first load stays under 150 KB on the wire")
    func size() throws {
        let later: Set<String> = ["sw.js"]
        let files = StaticFiles(WebFiles.all)
        let total = WebFiles.all.keys.filter { !$0.hasSuffix(".png") && !later.contains($0) }
            .compactMap { files["/" + $0]?.form(accepting: ["gzip"]).bytes.readableBytes }
            .reduce(0, +)
        #expect(total < 150_000, "\(total) bytes")
    }
}

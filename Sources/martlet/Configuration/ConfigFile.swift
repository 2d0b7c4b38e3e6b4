import MartletStore
import Yams

/// The configuration's YAML file: nested maps whose paths are the keys' names.
enum ConfigFile {
    private static let bytesMax: UInt64 = 1 << 20

    /// The file's settings, in its order. Throws what is wrong with its form; unknown keys and
    /// wrong values are found by `Config`.
    static func read(_ path: String) throws(ConfigProblems) -> [Config.Setting] {
        let bytes: [UInt8]
        do throws(StoreError) {
            let file = try Environment.system.fileSystem.open(path, .read)
            let size = try file.size()
            guard size <= bytesMax else {
                throw StoreError(.invalidArgument, "more than 1 MiB", path: path)
            }
            bytes = try file.contents(Int(size))
        } catch {
            throw ConfigProblems(["\(path): \(error.message)"])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigProblems(["\(path): not UTF-8"])
        }
        return try parse(text, path)
    }

    static func parse(_ text: String, _ path: String) throws(ConfigProblems) -> [Config.Setting] {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigProblems([describe(error, path)])
        } catch {
            throw ConfigProblems(["\(path): \(error)"])
        }
        // A file of comments is a file without settings.
        guard let root else { return [] }
        var walk = Walk(path: path)
        walk.take(root, "")
        if !walk.problems.isEmpty { throw ConfigProblems(walk.problems) }
        return walk.settings
    }

    private static func describe(_ error: YamlError, _ path: String) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            return "\(path):\(mark.line): \(problem)"
        case .duplicatedKeysInMapping(let names, let context):
            let keys = Set(names).sorted().joined(separator: ", ")
            return "\(path):\(context.mark.line): in the map here, \(keys) is there twice"
        default:
            return "\(path): \(error)"
        }
    }

    private struct Walk {
        let path: String
        var settings: [Config.Setting] = []
        var problems: [String] = []

        private func place(_ node: Node) -> (Config.Origin, String) {
            let line = node.mark?.line ?? 0
            return (.file(path, line: line), "\(path):\(line)")
        }

        mutating func take(_ node: Node, _ name: String) {
            let (origin, place) = place(node)
            switch node {
            case .mapping(let mapping):
                for (key, value) in mapping {
                    guard let part = key.string, !part.contains(".") else {
                        problems.append("\(self.place(key).1): a key is a plain word")
                        continue
                    }
                    take(value, name.isEmpty ? part : "\(name).\(part)")
                }
            case .scalar(let scalar):
                guard !name.isEmpty else {
                    problems.append("\(place): not a map of keys and values")
                    return
                }
                take(scalar, name, origin, place)
            case .sequence(let sequence):
                let items = sequence.compactMap { item in item.isScalar ? item.string : nil }
                let isPlain = items.count == sequence.count
                guard isPlain, items.allSatisfy({ !$0.contains(",") }),
                    isList(name) ?? true
                else {
                    problems.append("\(place): \(name): no list of plain values goes here")
                    return
                }
                settings.append(
                    .init(name: name, text: items.joined(separator: ","), origin: origin))
            default:
                problems.append("\(place): \(name): aliases are not understood here")
            }
        }

        private mutating func take(
            _ scalar: Node.Scalar, _ name: String, _ origin: Config.Origin, _ place: String
        ) {
            let key = ConfigKeys.all.first { $0.name == name }
            let isQuoted = scalar.style != .plain && scalar.style != .any
            let isEmpty = scalar.string.isEmpty && !isQuoted
            switch key?.kind {
            case .bool, .integer:
                guard !isQuoted else {
                    problems.append("\(place): \(name): \(key?.kind.summary ?? ""), not a text")
                    return
                }
            case .list:
                problems.append("\(place): \(name): a list goes here: [a, b]")
                return
            default: break
            }
            // A section whose keys are all commented out.
            if isEmpty, ConfigKeys.all.contains(where: { $0.name.hasPrefix(name + ".") }) { return }
            guard !isEmpty else {
                problems.append("\(place): \(name) has no value (write \"\" for an empty one)")
                return
            }
            settings.append(.init(name: name, text: scalar.string, origin: origin))
        }

        /// `nil` for unknown keys.
        private func isList(_ name: String) -> Bool? {
            ConfigKeys.all.first { $0.name == name }.map { $0.kind == .list }
        }
    }
}

extension Node {
    fileprivate var isScalar: Bool {
        if case .scalar = self { return true }
        return false
    }
}

extension File {
    /// The first `count` bytes.
    func contents(_ count: Int) throws(StoreError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(count, 1), alignment: 1)
        defer { buffer.deallocate() }
        let read = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: 0)
        return Array(buffer[..<read])
    }
}

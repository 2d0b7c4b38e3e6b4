import Glibc
import MartletFuzzing

// libFuzzer brings `main`, and takes `-runs=…` and the like; what begins with `--` it leaves to us:
//   --list           names the targets, each with its longest input and a line about it
//   --target=NAME    what is fed
//   --seeds=DIR      writes the seeds of the target there, in place of a run

/// Called once, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
    if CommandLine.arguments.contains("--list") {
        for target in FuzzTarget.all { print(target.name, target.lengthMax, target.summary) }
        exit(0)
    }
    if let directory = Chosen.value(of: "--seeds") {
        do {
            for (number, seed) in try Chosen.target.seeds().enumerated() {
                write(seed, to: "\(directory)/seed-\(number)")
            }
        } catch {
            Chosen.refuse("no seeds: \(error)")
        }
        exit(0)
    }
    return 0
}

/// Called with each input. What is wrong with how it is taken ends the process, as a trap does:
/// libFuzzer has no other way to be told, and keeps the input then.
@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // An array has memory of just this size, so that the sanitizer sees what lies behind it.
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    if let finding = Chosen.target.finding(input) {
        fatalError("\(Chosen.target.name): \(finding)")
    }
    return 0
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count,
        fclose(file) == 0
    else { Chosen.refuse("cannot write \(path)") }
}

/// What the command line says.
private enum Chosen {
    static let target: FuzzTarget = {
        let name = value(of: "--target") ?? ""
        guard let target = FuzzTarget.named(name) else {
            refuse("no target '\(name)': --target=NAME, --list lists them")
        }
        return target
    }()

    static func value(of option: String) -> String? {
        CommandLine.arguments.first { $0.hasPrefix(option + "=") }.map {
            String($0.dropFirst(option.count + 1))
        }
    }

    static func refuse(_ why: String) -> Never {
        let line = Array("martlet-fuzz: \(why)\n".utf8)
        _ = Glibc.write(2, line, line.count)
        exit(64)
    }
}

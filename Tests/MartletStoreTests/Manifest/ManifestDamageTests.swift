import MartletSimulation
import Testing

@testable import MartletStore

@Suite("Damage to the manifest and power cuts under it") struct ManifestDamageTests {
    /// A manifest with some edits, and the state after each of them.
    private func filled() throws -> (ManifestFixture, states: [ManifestState]) {
        var manifest = try ManifestFixture()
        let writer = try manifest.writer()
        var states = [manifest.state]
        try writer.append(ManifestFixture.start, to: &manifest.state)
        states.append(manifest.state)
        for number in UInt64(1)...4 {
            try writer.append(ManifestFixture.edit(number), to: &manifest.state)
            states.append(manifest.state)
        }
        return (manifest, states)
    }

    @Test("every truncation reads as an earlier state or says corruption")
    func truncations() throws {
        let (manifest, states) = try filled()
        let bytes = try #require(manifest.disk.contents(of: manifest.path))
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 8
        for length in 0...end {
            manifest.disk.replace(manifest.path, with: Array(bytes[..<length]))
            do {
                #expect(states.contains(try manifest.read().state), "cut at \(length)")
            } catch {
                #expect(error.code == .corruption, "cut at \(length)")
            }
        }
        manifest.disk.replace(manifest.path, with: Array(bytes[..<end]))
        #expect(try manifest.read().state == states.last)
    }

    @Test("every flipped bit reads as one of the last two states or says corruption")
    func bitFlips() throws {
        let (manifest, states) = try filled()
        let bytes = try #require(manifest.disk.contents(of: manifest.path))
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 8
        for bit in 0..<8 * end {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            manifest.disk.replace(manifest.path, with: damaged)
            do {
                #expect(states.suffix(2).contains(try manifest.read().state), "bit \(bit)")
            } catch {
                #expect(error.code == .corruption, "bit \(bit)")
            }
        }
    }

    @Test("every flipped bit of CURRENT is corruption")
    func current() throws {
        let (manifest, _) = try filled()
        let path = ManifestFixture.directory + "/CURRENT"
        let bytes = try #require(manifest.disk.contents(of: path))
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            manifest.disk.replace(path, with: damaged)
            #expect(storeError { _ = try manifest.read() }?.code == .corruption, "bit \(bit)")
        }
    }

    @Test("no power cut loses an edit that was made durable, rotations included")
    func crashes() throws {
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(seed: seed)
            var manifest = try ManifestFixture()
            var states = [manifest.state]
            var durable = -1
            let cut = UInt64.random(in: 1...150, using: &generator)
            manifest.disk.failOperation(at: manifest.disk.operations + cut, .powerCut)
            do {
                let writer = try manifest.writer(rotationSize: 2000)
                durable = 0
                for number in UInt64(0)...100 {
                    let edit =
                        number == 0 ? ManifestFixture.start : ManifestFixture.edit(number)
                    var next = manifest.state
                    try next.apply(edit)
                    states.append(next)
                    try writer.append(edit, to: &manifest.state)
                    durable = states.count - 1
                }
            } catch {
                let isPlanned = error.code == .poisoned || error.message.contains("power is off")
                #expect(isPlanned, "seed \(seed): \(error)")
            }
            let mode = CrashMode.allCases.randomElement(using: &generator) ?? .random
            manifest.disk.crash(seed: generator.next(), mode: mode)
            do {
                let state = try manifest.read().state
                let found = states.lastIndex(of: state) ?? -2
                #expect(found >= durable, "seed \(seed) \(mode)")
                manifest.state = state
                _ = try manifest.writer(number: try manifest.read().number + 1)
                #expect(try manifest.read().state == state, "seed \(seed) \(mode)")
            } catch {
                #expect(error.code == .notFound && durable < 0, "seed \(seed) \(mode): \(error)")
            }
        }
    }
}

import Glibc
import MartletFuzzing
import Testing

/// A fixed number of inputs, which seeds decide.
@Suite("Whatever the bytes are, decoders end with a value or an error") struct DecoderTests {
    private static let inputs = 20_000

    @Test("what real encoders made", arguments: FuzzTarget.all.map(\.name))
    func seeds(_ name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty)
        for seed in seeds {
            #expect(seed.count <= target.lengthMax, "\(name): a seed is cut")
            #expect(target.finding(seed) == nil)
        }
    }

    /// `SEED=7 tools/test --filter DecoderTests` replays one input of each target.
    @Test("what mutations make of it", arguments: FuzzTarget.all.map(\.name))
    func mutations(_ name: String) throws {
        let target = try #require(FuzzTarget.named(name))
        let seeds = try target.seeds()
        let chosen = getenv("SEED").flatMap { UInt64(String(cString: $0)) }
        for seed in chosen.map({ [$0] }) ?? Array(1...UInt64(Self.inputs)) {
            var mutator = ByteMutator(seed: seed, lengthMax: target.lengthMax)
            let bytes = mutator.next(seeds)
            let finding = target.finding(bytes)
            #expect(finding == nil, "\(name): SEED=\(seed) tools/test --filter DecoderTests")
            if finding != nil { break }
        }
    }
}

// swift-tools-version: 6.2
import PackageDescription

/// The same house rules as the root package's.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A package of its own, so that no user of Martlet resolves what only measuring needs.
let package = Package(
    name: "MartletBenchmarks",
    products: [.executable(name: "martlet-bench", targets: ["martlet-bench"])],
    dependencies: [
        .package(name: "Martlet", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(
            url: "https://github.com/HdrHistogram/hdrhistogram-swift", .upToNextMinor(from: "0.2.0")
        ),
    ],
    targets: [
        .systemLibrary(
            name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
        .target(name: "CBench"),
        .executableTarget(
            name: "martlet-bench",
            dependencies: [
                "CBench",
                "CRocksDB",
                .product(name: "MartletCompaction", package: "Martlet"),
                .product(name: "MartletHarness", package: "Martlet"),
                .product(name: "MartletReplication", package: "Martlet"),
                .product(name: "MartletStore", package: "Martlet"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

/// House rules for every Swift target: warnings are errors, imports are internal unless said
/// otherwise.
let house: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "Martlet",
    products: [
        .library(name: "MartletStore", targets: ["MartletStore"]),
        .library(name: "MartletCompaction", targets: ["MartletCompaction"]),
        .library(name: "MartletReplication", targets: ["MartletReplication"]),
        .library(name: "MartletFuzzing", targets: ["MartletFuzzing"]),
        .library(name: "MartletHarness", targets: ["MartletHarness"]),
        .executable(name: "martlet", targets: ["martlet"]),
        .executable(name: "martlet-dump", targets: ["martlet-dump"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.36.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        .target(name: "CMartlet"),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "MartletStore",
            dependencies: ["CMartlet", "CLZ4", "CZstd"],
            swiftSettings: house),
        .target(name: "MartletSimulation", dependencies: ["MartletStore"], swiftSettings: house),
        .target(
            name: "MartletChat",
            dependencies: [
                "MartletStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: house),
        .target(
            name: "MartletPush",
            dependencies: [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: house),
        .target(
            name: "MartletReplication",
            dependencies: [
                "CLZ4",
                "MartletStore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: house),
        .target(
            name: "MartletServer",
            dependencies: [
                "CZlib",
                "MartletChat",
                "MartletPush",
                "MartletStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Web")],
            swiftSettings: house),
        .target(
            name: "MartletCompaction",
            dependencies: [
                "MartletStore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: house),
        .executableTarget(
            name: "martlet",
            dependencies: [
                "MartletChat",
                "MartletCompaction",
                "MartletPush",
                "MartletReplication",
                "MartletServer",
                "MartletStore",
                "Yams",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: house),
        .executableTarget(
            name: "martlet-dump",
            dependencies: [
                "MartletStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "tools/martlet-dump",
            swiftSettings: house),
        .target(name: "MartletHarness", path: "Tests/Harness", swiftSettings: house),
        .target(
            name: "MartletFuzzing",
            dependencies: [
                "MartletCompaction", "MartletReplication", "MartletServer", "MartletSimulation",
                "MartletStore",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Fuzzing",
            swiftSettings: house),
        .executableTarget(
            name: "martlet-probe",
            dependencies: [
                "MartletCompaction",
                "MartletHarness",
                "MartletSimulation",
                "MartletStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "tools/martlet-probe",
            swiftSettings: house),
        .testTarget(
            name: "MartletStoreTests", dependencies: ["MartletStore", "MartletSimulation"],
            exclude: ["Fixtures"], swiftSettings: house),
        .testTarget(
            name: "MartletChatTests",
            dependencies: ["MartletChat", "MartletSimulation"], swiftSettings: house),
        .testTarget(
            name: "MartletPushTests",
            dependencies: [
                "MartletPush", "MartletSimulation",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Independent"],
            swiftSettings: house),
        .testTarget(
            name: "MartletReplicationTests",
            dependencies: [
                "MartletCompaction", "MartletFuzzing", "MartletReplication", "MartletSimulation",
                "MartletStore",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            exclude: ["Golden"],
            swiftSettings: house),
        .testTarget(
            name: "MartletServerTests",
            dependencies: [
                "MartletServer", "MartletChat", "MartletHarness", "MartletSimulation",
                "MartletStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "MartletCompactionTests",
            dependencies: [
                "MartletCompaction", "MartletFuzzing", "MartletStore", "MartletSimulation",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "MartletCommandTests",
            dependencies: [
                "martlet", "MartletServer", "MartletChat", "MartletCompaction", "MartletStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house),
        .testTarget(
            name: "MartletDumpTests",
            dependencies: ["martlet-dump", "MartletStore", "MartletSimulation"],
            exclude: ["Golden"], swiftSettings: house),
        .testTarget(
            name: "MartletFuzzingTests", dependencies: ["MartletFuzzing"], swiftSettings: house),
        .testTarget(
            name: "MartletProbeTests", dependencies: ["martlet-probe", "MartletSimulation"],
            swiftSettings: house),
        .testTarget(name: "TidyTests", swiftSettings: house),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["MartletHarness", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)

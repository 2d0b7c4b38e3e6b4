// swift-tools-version: 6.2
import PackageDescription

/// A package of its own, because it is built with instruments that nothing else wants, and because
/// libFuzzer brings `main`. `tools/fuzz` builds it, with the flags that it cannot do without.
let package = Package(
    name: "MartletFuzz",
    dependencies: [.package(name: "Martlet", path: "..")],
    targets: [
        .executableTarget(
            name: "martlet-fuzz",
            dependencies: [.product(name: "MartletFuzzing", package: "Martlet")],
            swiftSettings: [
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                // There is no file with statements to be run, and no type that is `@main`.
                .unsafeFlags(["-parse-as-library"]),
            ])
    ],
    swiftLanguageModes: [.v6]
)

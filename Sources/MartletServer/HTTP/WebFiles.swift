/// The web client's files, embedded from the folder `Web`. One line per file.
enum WebFiles {
    static let all: [String: [UInt8]] = [
        "index.html": PackageResources.index_html
    ]
}

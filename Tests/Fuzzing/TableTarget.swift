import MartletSimulation
import MartletStore

extension FuzzTarget {
    /// It is read forward, backward and from its middle, verified, inspected and salvaged.
    static let table = FuzzTarget(
        name: "table", summary: "a sorted table: footer, index, filters, blocks of cells",
        lengthMax: 4_096,
        seeds: { try StoreSamples.files(ending: ".sst", Compression.allCases) },
        finding: { bytes in
            guard bytes.count > TableImage.footerSize else { return nil }
            let disk = SimulatedDisk()
            var image = TableImage(bytes)
            image.repair()
            disk.replace("/table", with: image.bytes)
            do throws(StoreError) {
                let file = try disk.open("/table", .read)
                TableInspection.run(file: file) { _ in true }
                TableSalvage.run(file: file, tableID: image.id) { _ in }
                let table = try TableReader.open(file: file, cache: nil)
                _ = (table.properties.cells, table.properties.tombstones)
                return try walk(table)
            } catch {
                let isExpected = error.code == .corruption || error.code == .unsupported
                return isExpected ? nil : "\(error)"
            }
        })

    private static func walk(_ table: TableReader) throws(StoreError) -> String? {
        let cursor = table.makeCursor()
        var failure: StoreError?
        // Each way on its own: what one cannot read does not keep the others from trying.
        for way in 0..<3 {
            do throws(StoreError) {
                switch way {
                case 0:
                    try cursor.seekToFirst()
                    while cursor.isValid { try cursor.next() }
                case 1:
                    try cursor.seekToLast()
                    while cursor.isValid { try cursor.previous() }
                default: try table.verify()
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return nil
    }
}

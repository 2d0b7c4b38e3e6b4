/// What is known of a thing: names and values, shown below each other or as one object.
struct Facts {
    private var members: [(name: String, text: String, json: JSON)] = []

    mutating func add(_ name: String, _ text: String) {
        members.append((name, text, .string(text)))
    }

    mutating func add(_ name: String, _ number: some BinaryInteger) {
        members.append((name, Format.count(number), .number(UInt64(number))))
    }

    mutating func add(_ name: String, _ text: String, _ json: JSON) {
        members.append((name, text, json))
    }

    /// Microseconds since 1970.
    mutating func add(time name: String, _ microseconds: UInt64) {
        members.append((name, Format.time(microseconds), .number(microseconds)))
    }

    /// A row in its parts.
    mutating func add(row name: String, _ row: [UInt8], _ layout: RowLayout) {
        members.append((name, layout.text(row), .object(layout.members(row))))
    }

    func print(_ kind: String, to out: Output, indent: String = "") {
        let width = members.map(\.name.count).max() ?? 0
        for (name, text, _) in members {
            let room = String(repeating: " ", count: width - name.count + 2)
            out.text(indent + name + room + text)
        }
        out.object(
            kind,
            members.map { member in
                (String(member.name.map { $0 == " " ? "_" : $0 }), member.json)
            })
    }
}

/// Lines of columns, each as wide as its widest entry.
struct Columns {
    private var rows: [[String]] = []

    mutating func add(_ row: [String]) { rows.append(row) }

    func print(to out: Output, indent: String = "") {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        for row in rows {
            var line = indent
            for (column, text) in row.enumerated() {
                line += text
                if column + 1 < row.count {
                    line += String(repeating: " ", count: widths[column] - text.count + 2)
                }
            }
            out.text(line)
        }
    }
}

import Glibc

/// The bytes of all files in a directory and below.
enum DirectorySize {
    static func bytes(_ path: String) -> Int {
        guard let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var sum = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            var facts = stat()
            guard lstat("\(path)/\(name)", &facts) == 0 else { continue }
            let kind = facts.st_mode & S_IFMT
            sum += kind == S_IFDIR ? bytes("\(path)/\(name)") : Int(facts.st_size)
        }
        return sum
    }
}

import Glibc

/// The operating system's files. New files can be read by their owner only.
package struct SystemFileSystem: FileSystem {
    package init() {}

    package func createDirectory(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 { return }
        let number = errno
        var status = stat()
        let isDirectory = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        guard number == EEXIST, isDirectory else {
            throw .system("create the directory", errno: number, path: path)
        }
    }

    package func list(_ directory: String) throws(StoreError) -> [String] {
        guard let stream = opendir(directory) else {
            throw .system("list the directory", errno: errno, path: directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno == 0 { return names }
                throw .system("list the directory", errno: errno, path: directory)
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    package func open(_ path: String, _ mode: OpenMode) throws(StoreError) -> any File {
        let flags =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT | O_EXCL
            }
        return SystemFile(path: path, descriptor: try descriptor(path, flags))
    }

    private func descriptor(_ path: String, _ flags: CInt) throws(StoreError) -> CInt {
        while true {
            let number = Glibc.open(path, flags | O_CLOEXEC, 0o600)
            if number >= 0 { return number }
            guard errno == EINTR else { throw .system("open", errno: errno, path: path) }
        }
    }

    package func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    package func rename(_ source: String, to target: String) throws(StoreError) {
        guard Glibc.rename(source, target) == 0 else {
            throw .system("rename to \(target)", errno: errno, path: source)
        }
    }

    package func link(_ source: String, to target: String) throws(StoreError) {
        guard Glibc.link(source, target) == 0 else {
            let number = errno
            let impossible = [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS]
            if impossible.contains(number) {
                throw StoreError(
                    .unsupported, "no hard link can be made: errno \(number)", path: target)
            }
            throw .system("link as \(target)", errno: number, path: source)
        }
    }

    package func removeDirectory(_ path: String) throws(StoreError) {
        guard rmdir(path) == 0 else {
            throw .system("remove the directory", errno: errno, path: path)
        }
    }

    package func remove(_ path: String) throws(StoreError) {
        guard unlink(path) == 0 else { throw .system("remove", errno: errno, path: path) }
    }

    package func syncDirectory(_ path: String) throws(StoreError) {
        let number = try descriptor(path, O_RDONLY | O_DIRECTORY)
        defer { _ = close(number) }
        guard fsync(number) == 0 else {
            throw .system("sync the directory", errno: errno, path: path)
        }
    }

    package func freeSpace(_ path: String) throws(StoreError) -> UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            throw .system("read the free space", errno: errno, path: path)
        }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }

    package func lock(_ path: String, owner: String) throws(StoreError) -> any FileLock {
        let number = try descriptor(path, O_RDWR | O_CREAT)
        return try SystemFileLock(path: path, descriptor: number, owner: owner)
    }
}

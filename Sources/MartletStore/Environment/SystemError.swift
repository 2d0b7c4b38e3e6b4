import Glibc

extension StoreError {
    /// The error for a failed system call: `.noSpace` for ENOSPC and EDQUOT, `.notFound` for
    /// ENOENT, `.alreadyExists` for EEXIST and ENOTEMPTY, `.io` for all else.
    ///
    /// - Parameter number: the call's errno, positive.
    static func system(_ operation: String, errno number: CInt, path: String) -> StoreError {
        let code: Code =
            switch number {
            case ENOSPC, EDQUOT: .noSpace
            case ENOENT: .notFound
            case EEXIST, ENOTEMPTY: .alreadyExists
            default: .io
            }
        let reason = strerror(number).map { String(cString: $0) } ?? "error \(number)"
        return StoreError(code, "cannot \(operation): \(reason)", path: path)
    }
}

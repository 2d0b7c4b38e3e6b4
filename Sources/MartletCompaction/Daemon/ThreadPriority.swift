import Glibc

/// The priority of the calling thread alone.
enum ThreadPriority {
    /// Lowers it to the niceness, 0 to 19; never raises it. Without effect where the system does
    /// not let it.
    static func lower(to niceness: CInt) {
        // Of 0, the calling thread.
        let thread = __priority_which_t(PRIO_PROCESS.rawValue)
        if niceness > getpriority(thread, 0) { setpriority(thread, 0, niceness) }
    }
}

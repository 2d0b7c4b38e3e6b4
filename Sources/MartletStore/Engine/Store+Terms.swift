extension Store {
    /// Who wrote which stretch of the log, oldest first. Waits while the manifest is written.
    public var terms: TermHistory { manifestMonitor.withLock { manifest.state.history } }

    /// What the store is to the others that hold its log.
    public var role: StoreRole { standing.role }

    /// In every log record that is written now: raised by a restore and a promotion, so that what
    /// an older primary still sends is told apart.
    public var epoch: UInt32 { standing.epoch }

    /// The epoch for a client's cursor: cursors of this epoch hold in this store, older ones may
    /// not. Rises with `epoch`, but not where a promotion lost nothing that readers saw.
    public var cursorEpoch: UInt32 { standing.cursorEpoch }

    /// The term that this store has promised to follow or to be above. Waits while the manifest is
    /// written.
    public var promise: TermID { manifestMonitor.withLock { manifest.state.promise } }
}

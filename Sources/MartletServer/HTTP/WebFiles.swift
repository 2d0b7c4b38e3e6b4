/// The web client's files, embedded from the folder `Web`. One line per file; a test compares.
package enum WebFiles {
    /// By name.
    package static let all: [String: [UInt8]] = [
        "banner.js": PackageResources.banner_js,
        "composer.js": PackageResources.composer_js,
        "connection.js": PackageResources.connection_js,
        "dom.js": PackageResources.dom_js,
        "format.js": PackageResources.format_js,
        "history.js": PackageResources.history_js,
        "icon.svg": PackageResources.icon_svg,
        "icons.svg": PackageResources.icons_svg,
        "inbox.js": PackageResources.inbox_js,
        "index.html": PackageResources.index_html,
        "list.css": PackageResources.list_css,
        "listview.js": PackageResources.listview_js,
        "login.css": PackageResources.login_css,
        "loginview.js": PackageResources.loginview_js,
        "main.js": PackageResources.main_js,
        "messagestate.js": PackageResources.messagestate_js,
        "outbox.js": PackageResources.outbox_js,
        "receipts.js": PackageResources.receipts_js,
        "startview.js": PackageResources.startview_js,
        "store.js": PackageResources.store_js,
        "theme.css": PackageResources.theme_css,
        "thread.css": PackageResources.thread_css,
        "threadview.js": PackageResources.threadview_js,
        "wire.js": PackageResources.wire_js,
        "words.js": PackageResources.words_js,
    ]
}

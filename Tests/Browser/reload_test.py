from people import BrowserTest, until


class ReloadTest(BrowserTest):
    def test_unsent_messages_survive_a_reload_without_a_connection(self):
        ann, bea = self.pair()
        # The page itself comes from the service worker then.
        until(lambda: ann.run("return Boolean(navigator.serviceWorker.controller)"), "the service worker is there", 30)
        until(lambda: ann.run("return caches.open('martlet-shell').then((c) => c.keys()).then((k) => k.length)") > 40, "the shell is kept", 30)
        ann.network.cut()
        ann.say("first, unsent")
        ann.say("second, unsent")
        ann.reload()
        until(lambda: ann.texts()[-2:] == ["first, unsent", "second, unsent"], "the unsent are still there", 30)
        self.assertIn("hello", ann.texts())
        self.assertEqual(ann.state("first, unsent"), "Sending")
        ann.screenshot("reloaded-offline")

        ann.network.restore()
        bea.sees("second, unsent", 60)
        ann.has_state("second, unsent", "Read")
        self.assertEqual([text for text in bea.texts() if "unsent" in text], ["first, unsent", "second, unsent"])

    def test_a_draft_survives_a_reload(self):
        ann, bea = self.pair()
        ann.write("half a thou")
        until(lambda: ann.run("""return new Promise((resolve) => {
          const open = indexedDB.open("martlet", 1);
          open.onsuccess = () => {
            const all = open.result.transaction("drafts").objectStore("drafts").getAll();
            all.onsuccess = () => resolve(all.result.length);
          };
        })""") == 1, "the draft is kept")
        ann.reload()
        until(lambda: ann.run("return document.querySelector('#composer-text').value") == "half a thou", "the draft is back")

    def test_what_an_earlier_version_kept_is_sent(self):
        ann, bea = self.pair()
        ann.run("""
          const { user } = JSON.parse(localStorage.getItem("martlet.session"));
          const conversation = location.hash.slice(1);
          const item = { clientMessageID: "old-1", conversation, name: "bea", text: "from the old store", createdAt: Date.now(), order: 1 };
          localStorage.setItem(`martlet.out.${user}.old-1`, JSON.stringify(item));""")
        ann.reload()
        bea.sees("from the old store")
        self.assertEqual(ann.run("return Object.keys(localStorage).filter((key) => key.startsWith('martlet.out'))"), [])

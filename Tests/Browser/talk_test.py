from people import BrowserTest, until


class TalkTest(BrowserTest):
    def test_two_browsers_talk(self):
        ann, bea = self.pair()
        bea.say("hello yourself")
        ann.sees("hello yourself")
        for number in range(5):
            (ann if number % 2 else bea).say(f"line {number}")
        for one in (ann, bea):
            until(lambda: one.texts()[-5:] == [f"line {number}" for number in range(5)], f"{one.name} has all in order")
        ann.screenshot("talk")

    def test_a_message_is_sent_delivered_and_read(self):
        ann, bea = self.pair()
        ann.has_state("hello", "Read")
        bea.run("Object.defineProperty(document, 'hasFocus', { value: () => false, configurable: true })")
        ann.say("are you there")
        ann.has_state("are you there", "Delivered")
        until(lambda: bea.unread(ann.name) == 1, "one is unread")
        self.assertIn("(1)", bea.page.title)
        bea.run("delete document.hasFocus; window.dispatchEvent(new Event('focus'))")
        ann.has_state("are you there", "Read")
        until(lambda: bea.unread(ann.name) == 0, "none is unread")

    def test_whoever_writes_is_seen_to_write(self):
        ann, bea = self.pair()
        bea.write("wait a mom")
        until(lambda: ann.shows("#writers") and bea.name in ann.text("#writers-text"), "ann sees that bea writes")
        bea.say("here")
        ann.sees("here")
        until(lambda: not ann.shows("#writers"), "the message ends the writing")

    def test_without_a_connection_nobody_is_said_to_write(self):
        ann, bea = self.pair()
        # The notice never gets old here, so that it is the cut that takes it away.
        ann.run("const later = setTimeout; window.setTimeout = (act, after, ...rest) => (after === 5000 ? 0 : later(act, after, ...rest))")
        bea.write("wait a mom")
        until(lambda: ann.shows("#writers"), "ann sees that bea writes")
        ann.network.cut()
        until(lambda: not ann.shows("#writers"), "ann cannot know any more")

    def test_only_safe_addresses_are_links(self):
        ann, bea = self.pair()
        text = "https://example.org/a?b=1. javascript:alert(1) <b>not bold</b> mailto:ann@example.org"
        ann.say(text)
        bea.sees(text)
        links = bea.run("return [...document.querySelectorAll('#messages a')].map((a) => [a.getAttribute('href'), a.rel])")
        self.assertEqual([href for href, _ in links], ["https://example.org/a?b=1", "mailto:ann@example.org"])
        self.assertTrue(all("noopener" in rel for _, rel in links))
        self.assertEqual(bea.all("#messages b, #messages script"), [])

    def test_an_unread_divider_marks_what_is_new(self):
        ann, bea = self.pair()
        bea.run("location.hash = ''")
        until(lambda: bea.shows("#thread-empty"), "no conversation is open")
        for number in range(3):
            ann.say(f"news {number}")
        until(lambda: bea.unread(ann.name) == 3, "three are unread")
        bea.open(ann.name)
        until(lambda: bea.shows("#messages .fresh"), "the divider is there")
        after = bea.run("return document.querySelector('#messages .fresh').nextElementSibling.textContent")
        self.assertIn("news 0", after)

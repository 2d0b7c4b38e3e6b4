from people import BrowserTest, until


class ContactTest(BrowserTest):
    def test_a_request_is_accepted_and_the_contact_is_seen_online(self):
        ann, bea = self.pair()
        ann.click("#people")
        ann.fill("dialog .inline-form input", bea.name)
        ann.click("dialog .inline-form button", "Add")
        until(lambda: "Asked" in ann.text("dialog"), "it is asked")
        bea.click("#strip button", "Accept")
        until(lambda: "Contacts" in ann.text("dialog .sheet-lists"), "they are contacts")
        ann.run("document.querySelector('dialog').close()")
        until(lambda: ann.text("#thread-state") == "online", "bea is seen online", 30)

    def test_who_is_blocked_cannot_write(self):
        ann, bea = self.pair()
        ann.click("#thread-title")
        ann.click("dialog .line", "Block")
        ann.click("dialog .primary.danger", "Block")
        until(lambda: ann.run("return !document.querySelector('#closed').hidden"), "ann cannot write either")
        bea.say("let me in")
        bea.has_state("let me in", "Not sent")
        self.assertNotIn("let me in", ann.texts())

    def test_the_box_is_whole_when_a_block_ends(self):
        ann, bea = self.pair()
        height = "return document.querySelector('#composer-text').getBoundingClientRect().height"
        usual = ann.run(height)
        ann.click("#thread-title")
        ann.click("dialog .line", "Block")
        ann.click("dialog .primary.danger", "Block")
        until(lambda: ann.shows("#closed"), "ann has blocked bea")
        ann.reload()
        ann.click("#closed button", "Unblock")
        until(lambda: ann.shows("#composer-text"), "the box is back")
        self.assertEqual(ann.run(height), usual)


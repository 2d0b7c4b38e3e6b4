from people import BrowserTest, until


class GroupTest(BrowserTest):
    def make(self, ann, name, *members):
        ann.click("#new-chat")
        ann.click("dialog .entry", "New group")
        ann.fill("dialog .field input", name)
        for member in members:
            ann.fill("dialog .picker input", member.name)
            ann.click("dialog .picker .entry", member.name)
            until(lambda: member.name in ann.text("dialog .chips"), f"{member.name} is chosen")
        ann.click("dialog .primary", "Create group")
        until(lambda: ann.text("#thread-name") == name, "the group is open")

    def details(self, one, line=None):
        one.click("#thread-title")
        until(lambda: one.shows("dialog .entries .entry"), "the members are there")
        if line:
            one.click("dialog .line", line)

    def close(self, one):
        one.run("for (const dialog of [...document.querySelectorAll('dialog[open]')].reverse()) dialog.close()")

    def test_a_group_is_made_talks_and_is_renamed(self):
        ann, bea = self.pair()
        cid = self.person("cid").register()
        self.make(ann, "Sunday kitchen", bea, cid)
        until(lambda: any("created the group" in one for one in ann.notices()), "the log begins")
        ann.say("who cooks?")
        for one in (bea, cid):
            one.open("Sunday kitchen")
            one.sees("who cooks?")
            self.assertEqual(one.text("#messages .sender"), ann.name)
        bea.say("I do")
        cid.sees("I do")
        ann.has_state("who cooks?", "Read")
        self.details(ann, "Rename")
        ann.fill("dialog:last-of-type .field input", "Monday kitchen")
        ann.click("dialog:last-of-type .primary", "Rename")
        self.close(ann)
        until(lambda: cid.text("#thread-name") == "Monday kitchen", "all see the new name")
        until(lambda: any("Monday kitchen" in one for one in bea.notices()), "the log tells it")
        ann.screenshot("group")

    def test_who_is_removed_reads_on_but_writes_no_more(self):
        ann, bea = self.pair()
        self.make(ann, "Small circle", bea)
        ann.say("before")
        bea.open("Small circle")
        bea.sees("before")
        self.details(ann)
        ann.click(f"dialog .entry [aria-label='More about {bea.name}']")
        ann.click(".menu [role=menuitem]", "Remove")
        ann.click("dialog .primary.danger", "Remove")
        self.close(ann)
        until(lambda: bea.shows("#closed") and not bea.shows("#composer"), "bea cannot write any more")
        self.assertIn(f"{ann.name} removed you", bea.notices())
        ann.say("after")
        bea.reload()
        until(lambda: "before" in bea.texts(), "bea still reads what was before")
        self.assertNotIn("after", bea.texts())

    def test_a_link_lets_in_whoever_opens_it(self):
        ann, bea = self.pair()
        self.make(ann, "Open house", bea)
        self.details(ann, "Invitation link")
        ann.click("dialog .primary", "Make a link")
        until(lambda: ann.shows("dialog .link-box"), "the link is there")
        link = ann.text("dialog .link-box")
        self.close(ann)
        guest = self.person("guest")
        guest.register("#" + link.split("#")[1])
        guest.click("dialog .primary", "Join")
        until(lambda: guest.text("#thread-name") == "Open house", "the group is open")
        until(lambda: "from the moment you joined" in guest.text("#thread-top"), "the guest is told where the history begins")
        guest.say("thank you for having me")
        ann.sees("thank you for having me")
        until(lambda: any("joined" in one for one in ann.notices()), "the log tells it")
        # Who was there from the beginning has all of it, also after coming back.
        bea.open("Open house")
        self.details(bea, "Leave the group")
        bea.click("dialog .primary.danger", "Leave")
        until(lambda: any("You left" in one for one in bea.notices()), "bea has left")
        self.close(bea)
        bea.visit("#" + link.split("#")[1])
        bea.click("dialog .primary", "Join")
        until(lambda: bea.shows("#composer-text"), "bea is back")
        self.assertTrue(bea.text("#thread-top").startswith("The beginning of"))

    def test_who_has_left_keeps_the_name_in_the_history(self):
        ann, bea = self.pair()
        cid = self.person("cid").register()
        self.make(ann, "Small circle", bea, cid)
        cid.open("Small circle")
        cid.say("goodbye")
        bea.open("Small circle")
        bea.sees("goodbye")
        self.details(cid, "Leave the group")
        cid.click("dialog .primary.danger", "Leave")
        until(lambda: any("left" in one for one in bea.notices()), "the log tells it")
        # A device that has never seen them as a member.
        second = self.person("second")
        second.name = bea.name
        second.log_in()
        second.open("Small circle")
        second.sees("goodbye")
        until(lambda: second.text("#messages .sender") == cid.name, "the name is there")
        until(lambda: any(cid.name in one and "left" in one for one in second.notices()), "in the log too")

    def test_a_name_that_was_typed_and_not_chosen_is_not_left_out(self):
        ann, bea = self.pair()
        ann.click("#new-chat")
        ann.click("dialog .entry", "New group")
        ann.fill("dialog .field input", "Two of us")
        ann.fill("dialog .picker input", bea.name)
        ann.click("dialog .primary", "Create group")
        until(lambda: "not chosen yet" in ann.text("dialog form > .error"), "the dialog asks")
        ann.click("dialog .picker .entry", bea.name)
        self.assertEqual(ann.run("return document.querySelector('dialog .picker input').value"), "")
        ann.click("dialog .primary", "Create group with 1 member")
        bea.open("Two of us")

from people import PHONE, BrowserTest, until


class PhoneTest(BrowserTest):
    def test_a_phone_shows_one_pane_at_a_time(self):
        ann = self.person("ann", size=PHONE, is_touch=True).register()
        bea = self.person("bea").register()
        bea.find(ann.name)
        bea.say("a rather long message that must not make the page of a phone wider than the phone is: " + "x" * 90)
        until(lambda: ann.unread(bea.name) == 1, "one is unread")
        self.assertFalse(ann.shows("#thread-pane"))
        ann.screenshot("phone-list")
        ann.open(bea.name)
        self.assertFalse(ann.shows("#list-pane"))
        self.assertTrue(ann.shows("#composer-text"))
        ann.say("short answer")
        self.assertLessEqual(ann.run("return document.documentElement.scrollWidth"), PHONE[0])
        ann.screenshot("phone-thread")
        ann.page.back()
        until(lambda: ann.shows("#list-pane") and not ann.shows("#thread-pane"), "back leads to the list")
        ann.click("#settings")
        until(lambda: ann.shows("dialog"), "the settings are open")
        self.assertLessEqual(ann.run("return document.querySelector('dialog').getBoundingClientRect().right"), PHONE[0])
        ann.screenshot("phone-settings")

    def test_a_long_touch_opens_the_menu(self):
        ann = self.person("ann", size=PHONE, is_touch=True).register()
        bea = self.person("bea").register()
        bea.find(ann.name)
        bea.say("touch me")
        until(lambda: ann.unread(bea.name) == 1, "one is unread")
        ann.open(bea.name)
        ann.sees("touch me")
        spot = ann.run("const box = document.querySelector('#messages .body').getBoundingClientRect(); return { x: box.x + 8, y: box.y + 8 }")
        ann.page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [spot]})
        until(lambda: ann.shows(".menu"), "the menu is open")
        ann.page.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        ann.screenshot("phone-menu")
        ann.click(".menu [role=menuitem]", "Reply")
        until(lambda: ann.shows("#composer-about"), "the reply begins")

    def test_a_request_can_be_read_whole(self):
        ann = self.person("ann", size=PHONE, is_touch=True).register()
        bea = self.person("bea").register()
        bea.click("#people")
        bea.fill("dialog input", ann.name)
        bea.click("dialog .primary", "Add")
        until(lambda: ann.text("#people-count") == "1", "ann is asked")
        ann.click("#people")
        until(lambda: "would like" in ann.text("dialog .entry small"), "the request is there")
        cut = ann.run("const note = document.querySelector('dialog .entry small'); return note.scrollWidth - note.clientWidth")
        self.assertLessEqual(cut, 0)
        ann.screenshot("phone-request")

    def test_a_long_name_of_a_group_is_cut_before_the_button(self):
        ann = self.person("ann", size=PHONE, is_touch=True).register()
        ann.click("#new-chat")
        ann.click("dialog .entry", "New group")
        ann.fill("dialog .field input", "A very long name for a group that goes on and on and on")
        ann.click("dialog .primary", "Create group")
        until(lambda: ann.text("#thread-name").startswith("A very long name"), "the group is open")
        room = ann.run("""
          const name = document.querySelector("#thread-name").getBoundingClientRect();
          return document.querySelector("#thread-more").getBoundingClientRect().left - name.right;""")
        self.assertGreaterEqual(room, 0)
        height = "return document.querySelector('#composer-text').getBoundingClientRect().height"
        empty = ann.run(height)
        ann.write("x")
        self.assertEqual(ann.run(height), empty, "the box does not jump when the first letter is there")
        ann.screenshot("phone-long-name")

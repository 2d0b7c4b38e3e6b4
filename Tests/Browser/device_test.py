from people import BrowserTest, until


class DeviceTest(BrowserTest):
    def test_a_second_device_is_in_step_and_can_be_logged_out(self):
        ann, bea = self.pair()
        second = self.person("second")
        second.name = ann.name
        second.log_in()
        until(lambda: bea.name in second.text("#list"), "the second device has the conversation")
        second.open(bea.name)
        second.sees("hello")
        second.say("from the second")
        ann.sees("from the second")

        ann.click("#settings")
        ann.click("dialog .line", "Devices")
        until(lambda: len(ann.all("dialog:last-of-type .entries .entry")) == 2, "both devices are listed")
        self.assertEqual(ann.text("dialog:last-of-type .entries").count("logged in"), 2)
        ann.screenshot("devices")
        ann.run("document.querySelectorAll('dialog:last-of-type .entries .entry button')[1].click()")
        ann.click("dialog:last-of-type .primary.danger", "Log out")
        until(lambda: second.shows("#login-form"), "the second device is out")
        until(lambda: len(ann.all("dialog:last-of-type .entries .entry")) == 1, "one device is left")
        self.assertEqual(second.text("#messages") + second.text("#list"), "")

    def test_a_muted_conversation_stays_muted_on_all_devices(self):
        ann, bea = self.pair()
        second = self.person("second")
        second.name = ann.name
        second.log_in()
        ann.click("#thread-title")
        ann.click("dialog .line", "Mute")
        ann.click(".menu [role=menuitem]", "For good")
        until(lambda: second.shows("#list .muted-mark"), "the second device shows the mark")

    def test_the_chosen_colours_stay(self):
        ann = self.person("ann").register()
        ann.click("#settings")
        until(lambda: ann.shows("dialog .choice"), "the settings are open")
        ann.run("document.querySelector('dialog input[value=dark]').click()")
        until(lambda: ann.run("return document.documentElement.dataset.theme") == "dark", "it is dark")
        ann.screenshot("settings-dark")
        ann.reload()
        self.assertEqual(ann.run("return getComputedStyle(document.documentElement).colorScheme"), "dark")

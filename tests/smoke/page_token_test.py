#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of a host that asks for a token, to read or to command.

    page_token_test.py --root DIR [unittest arguments]

Exits with 77 where Chromium is missing.
"""

import time
import unittest

import page_accessibility_test
import page_test


class Token(page_accessibility_test.sight_test):
    def wait_for(self, condition, what):
        """Until it holds, in the page as it is or after it was loaded again."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                if self.run_script("return Boolean(document.readyState === 'complete' && (%s));" % condition):
                    return
            except AssertionError:
                pass  # the page is being loaded again
            time.sleep(0.05)
        self.fail("waited in vain: %s; %s" % (what, self.run_script("return document.body.innerText;")[:500]))

    def enter(self, token):
        self.run_script("at('#enter-token').focus();")
        self.seer.press("Enter")
        self.wait_for("document.activeElement.id === 'token-value'", "the dialog")
        self.run_script("at('#token-value').value = '%s';" % token)
        self.seer.press("Enter")

    def test_is_asked_for_before_anything_is_shown(self):
        self.look("read_token")
        seen = self.run_script("return [at('#no-answer').textContent, document.title, names().length];")
        self.assertEqual(seen[0], "This host shows itself only to those who have its token.")
        self.assertIn("TOKEN NEEDED", seen[1])
        self.assertEqual(seen[2], 0)
        self.enter("wrong-0123456789abcdef")
        self.wait_for("at('#token-text').textContent === 'The token that was entered is not that of this host.'", "the refusal")
        self.enter(page_test.TOKENS["read_token"])
        self.wait_for("names().length === 19 && at('#no-answer').hidden && at('#enter-token').hidden", "the scanners")
        self.run_script("location.hash = '#/scanner/unblock';")
        self.wait_for("at('#failing td') && document.querySelectorAll('#charts svg').length === 4", "the parts of a view")

    def test_of_an_operator_brings_the_buttons(self):
        self.look("operator_token", "#/scanner/unblock")
        self.assertEqual(self.run_script("return [at('#actions').hidden, at('#enter-token').hidden];"), [True, False])
        self.enter("wrong-0123456789abcdef")
        self.wait_for("at('#token-text').textContent.includes(\"is not an operator's\")", "the refusal")
        self.enter(page_test.TOKENS["operator_token"])
        self.wait_for("latest && !at('#actions').hidden && at('#token-text').textContent === ''", "the buttons")
        self.run_script("""[...document.querySelectorAll('#actions button')].find(b => b.textContent === 'Run now').click();
            await until(() => at('#note').textContent.startsWith('done'));""")
        sent = [(path, head.get("Authorization")) for method, path, head in self.host.asked if method == "POST"]
        self.assertEqual(sent, [("control/run-now/unblock", "Bearer " + page_test.TOKENS["operator_token"])])

    def test_is_kept_for_the_tab_alone_until_it_is_forgotten(self):
        self.look("operator_token")
        self.enter(page_test.TOKENS["operator_token"])
        self.wait_for("latest && latest.status.control && !at('#forget-token').hidden", "the role")
        places = self.run_script("""return [document.documentElement.outerHTML + location.href + document.cookie +
            JSON.stringify(localStorage), at('#token-value').value];""")
        self.assertNotIn(page_test.TOKENS["operator_token"], "".join(places))
        self.run_script("at('#forget-token').click();")
        self.wait_for("latest && latest.status.needs_token && !at('#enter-token').hidden && at('#forget-token').hidden", "the page without")

    def test_is_not_asked_for_where_none_is_configured(self):
        self.look()
        self.assertEqual(self.run_script("return ['#enter-token', '#forget-token'].map(id => at(id).hidden);"), [True, True])

    def test_that_cannot_be_sent_can_be_forgotten(self):
        self.look("operator_token")
        self.enter("caf\u00e9 \u20ac 0123456789")
        self.wait_for("!at('#no-answer').hidden && !at('#forget-token').hidden", "the way out")


if __name__ == "__main__":
    page_test.main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every bundled scanner does its work over TLS, with a certificate of its own and a password.

    tls_test.py --bin DIR --plugins DIR --root DIR [unittest arguments]
"""

import world
from certificates import Authority, open_tls_port
from world import SPECIMENS, Case


class Tls(Case):
    def setUp(self):
        super().setUp()
        authority = Authority(self.folder, "ca")
        self.host_url = "valkeys://localhost:%d" % open_tls_port(self.client, authority, clients="yes")
        certificate, key = authority.issue("client")
        self.tls = ", tls: {ca_file: '%s', cert_file: '%s', key_file: '%s', min_version: 1.3}" % (
            authority.file, certificate, key)

    def test_every_scanner_handles_its_items(self):
        names = ["a", "b", "c"]
        store = self.tls + self.may_touch("*")
        for scanner in SPECIMENS:
            with self.subTest(scanner=scanner):
                self.clear()
                self.seed(scanner, names)
                (report,) = self.sweep(scanner, store=store)
                self.assertEqual([name for name in names if not self.done(scanner, name)], [], self.log)
                self.assertEqual(report["errors"], 0, self.log)
                self.assertNotIn("secret", self.log)


if __name__ == "__main__":
    world.main()

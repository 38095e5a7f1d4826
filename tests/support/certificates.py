# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests of TLS, made at run time by the `openssl` command, and a server that uses them."""

import subprocess

from ports import free_port


def _request(key, *words):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-keyout", str(key), *map(str, words)], check=True, capture_output=True, timeout=60)
    key.chmod(0o600)


class Authority:
    """Its certificate and key, and those that it issues, are files NAME.pem and NAME.key of the folder."""

    def __init__(self, folder, name):
        self.folder, self.file, self.key = folder, folder / (name + ".pem"), folder / (name + ".key")
        _request(self.key, "-subj", "/CN=" + name, "-out", self.file)

    def issue(self, name, alternatives="DNS:localhost,IP:127.0.0.1"):
        certificate = self.folder / (name + ".pem")
        _request(self.folder / (name + ".key"), "-subj", "/CN=" + name, "-CA", self.file, "-CAkey", self.key, "-addext",
                 "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=" + alternatives, "-out", certificate)
        return certificate, self.folder / (name + ".key")


def use_certificate(client, certificate, key):
    """The server takes another certificate for the connections that come."""
    client.must("CONFIG", "SET", "tls-cert-file", str(certificate), "tls-key-file", str(key))


def open_tls_port(client, authority, clients="no"):
    """A running server listens on a port with TLS, too. `clients`: whether they need a certificate. Returns the port."""
    certificate, key = authority.issue("server")
    port = free_port()
    client.must("CONFIG", "SET", "tls-cert-file", str(certificate), "tls-key-file", str(key), "tls-ca-cert-file",
                str(authority.file), "tls-auth-clients", clients, "tls-port", str(port))
    return port

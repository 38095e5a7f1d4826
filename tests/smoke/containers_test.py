#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The files for containers name what exists: keys of the configuration, paths, ports, routes, the user.

    containers_test.py --bin DIR --root DIR [unittest arguments]

No container is run. Exits with 77 where Python has no yaml module.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:
    print("Python has no module yaml; install it with apt-get install python3-yaml")
    sys.exit(77)

OPTIONS = None


def text_of(name):
    return (OPTIONS.root / "packaging" / name).read_text(encoding="utf-8")


def checked(configuration, tokens=()):
    """What check-config says, with tokens that are made for it in place of those of the cluster."""
    with tempfile.TemporaryDirectory() as folder:
        for name in tokens:
            file = pathlib.Path(folder) / name
            file.write_text("0123456789abcdef", encoding="utf-8")
            file.chmod(0o600)
            configuration = configuration.replace("/etc/scanhost-tokens/" + name, str(file))
        configuration = configuration.replace("/usr/lib/scanhost/plugins", str(OPTIONS.plugins.resolve()))
        file = pathlib.Path(folder) / "scanhost.yaml"
        file.write_text(configuration, encoding="utf-8")
        return subprocess.run([str(OPTIONS.bin / "scanhost"), "check-config", str(file)], capture_output=True, encoding="utf-8",
                              timeout=120, stdin=subprocess.DEVNULL)


class Image(unittest.TestCase):
    def setUp(self):
        self.lines = text_of("Containerfile")

    def test_builds_with_scripts_that_exist_and_copies_what_they_make(self):
        script = re.search(r"^RUN (packaging/\S+)$", self.lines, re.M)[1]
        self.assertTrue((OPTIONS.root / script).is_file())
        self.assertIn("build/package/packages", (OPTIONS.root / script).read_text(encoding="utf-8"))
        self.assertIn("/source/build/package/packages/scanhost_*.deb", self.lines)

    def test_runs_as_a_user_that_is_not_root_with_its_folders_in_place(self):
        self.assertRegex(self.lines, r"(?m)^USER 10001:10001$")
        unit = text_of("systemd/scanhost.service.in")
        for setting, folder in (("StateDirectory=scanhost", "STATE_DIRECTORY=/var/lib/scanhost"),
                                ("RuntimeDirectory=scanhost", "RUNTIME_DIRECTORY=/run/scanhost")):
            self.assertIn(setting, unit)
            self.assertIn(folder, self.lines)

    def test_starts_the_host_by_options_that_it_has(self):
        words = re.search(r"^CMD (\[.*\])$", self.lines, re.M)[1]
        usage = subprocess.run([str(OPTIONS.bin / "scanhost"), "run", "--help"], capture_output=True, encoding="utf-8",
                               timeout=60, stdin=subprocess.DEVNULL).stdout
        for option in re.findall(r"--[a-z-]+", words):
            self.assertIn(option, usage)


class Compose(unittest.TestCase):
    def setUp(self):
        self.document = yaml.safe_load(text_of("compose.yaml"))
        self.host = self.document["services"]["scanhost"]

    def test_has_a_configuration_that_the_host_takes(self):
        done = checked(self.document["configs"]["scanhost"]["content"])
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_names_services_volumes_and_files_that_exist(self):
        self.assertTrue((OPTIONS.root / "packaging" / self.host["build"]["context"] / self.host["build"]["dockerfile"]).is_file())
        content = yaml.safe_load(self.document["configs"]["scanhost"]["content"])
        self.assertIn(re.match(r"valkey://(\w+):6379$", content["store"]["url"])[1], self.document["services"])
        self.assertEqual([config["source"] for config in self.host["configs"]], list(self.document["configs"]))
        for service in self.document["services"].values():
            for volume in service["volumes"]:
                self.assertIn(volume.split(":")[0], self.document["volumes"])

    def test_gives_the_host_no_right_that_it_does_not_need(self):
        self.assertEqual((self.host["read_only"], self.host["cap_drop"]), (True, ["ALL"]))
        self.assertNotIn("privileged", self.host)
        port = yaml.safe_load(self.document["configs"]["scanhost"]["content"])["admin"]["listen"].rpartition(":")[2]
        self.assertEqual(self.host["ports"], ["127.0.0.1:%s:%s" % (port, port)])


class Kubernetes(unittest.TestCase):
    def setUp(self):
        documents = {document["kind"]: document for document in yaml.safe_load_all(text_of("kubernetes.yaml"))}
        self.configuration, self.service = documents["ConfigMap"], documents["Service"]
        self.pod = documents["Deployment"]["spec"]["template"]
        self.selector = documents["Deployment"]["spec"]["selector"]["matchLabels"]
        self.host, = self.pod["spec"]["containers"]

    def test_has_a_configuration_that_the_host_takes(self):
        file, = self.configuration["data"]
        done = checked(self.configuration["data"][file], ("read", "operator"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        mounts = {mount["name"]: mount["mountPath"] for mount in self.host["volumeMounts"]}
        self.assertIn("%s/%s" % (mounts["configuration"], file), self.host["args"])

    def test_probes_ask_for_routes_of_the_port(self):
        routes = (OPTIONS.root / "host/admin/routes.cpp").read_text(encoding="utf-8")
        listen = yaml.safe_load(self.configuration["data"]["scanhost.yaml"])["admin"]["listen"]
        port, = self.host["ports"]
        self.assertEqual(listen, "0.0.0.0:%d" % port["containerPort"])
        for probe in ("livenessProbe", "readinessProbe"):
            asked = self.host[probe]["httpGet"]
            self.assertIn('path == "%s"' % asked["path"], routes)
            self.assertEqual(asked["port"], port["name"])

    def test_mounts_and_labels_fit_together(self):
        volumes = {volume["name"] for volume in self.pod["spec"]["volumes"]}
        self.assertEqual({mount["name"] for mount in self.host["volumeMounts"]}, volumes)
        self.assertEqual(self.pod["metadata"]["labels"], self.selector)
        self.assertEqual(self.service["spec"]["selector"], self.selector)
        self.assertEqual(self.service["spec"]["ports"][0]["targetPort"], self.host["ports"][0]["name"])

    def test_has_no_right_that_it_does_not_need(self):
        pod, own = self.pod["spec"]["securityContext"], self.host["securityContext"]
        self.assertEqual((pod["runAsNonRoot"], pod["runAsUser"]), (True, 10001))
        self.assertEqual((own["readOnlyRootFilesystem"], own["allowPrivilegeEscalation"], own["privileged"]), (True, False, False))
        self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
        self.assertFalse(self.pod["spec"]["automountServiceAccountToken"])


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    parser.add_argument("--plugins", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree keeps its rules: imports point one way, and the host knows no particular data model.

    tree_test.py ROOT
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop()) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
HOST = ROOT / "host"
SOURCES = {".h", ".hpp", ".c", ".cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)

# Who may include whom, besides itself (host/README.md). The ABI headers may be used by all but config and base.
BELOW = {
    "base": set(),
    "config": {"base"},
    "metrics": {"base"},
    "store": {"base", "config", "metrics"},
    "plugin": {"base", "config", "metrics"},
    "plan": {"base", "config", "metrics", "store", "plugin"},
    "verify": {"base", "config", "plugin"},
    "scaffold": {"base"},
    "runner": {"base", "config", "metrics", "store", "plugin", "plan"},
    "reload": {"base", "config", "metrics", "store", "plugin", "plan", "runner"},
    "admin": {"base", "config", "metrics", "store", "plugin", "plan", "runner", "reload"},
}
BELOW["boot"] = set(BELOW["admin"]) | {"admin", "reload"}
BELOW["commands"] = BELOW["boot"] | {"boot", "verify", "scaffold"}

# Types of these libraries stay in .cpp files.
IN_CPP_ONLY = re.compile(r"^(yaml-cpp|hiredis|prometheus|nlohmann|CLI|spdlog|boost/beast|boost/dll|openssl)/(?!json_fwd\.hpp$)")

FOREIGN_WORDS = re.compile(r"\bff[:_]|\{fp|\blanes?\b|instance_tag|flowfabric", re.I)


def sources(folder):
    return [file for file in sorted(folder.rglob("*")) if file.suffix in SOURCES]


def includes(file):
    return INCLUDE.findall(file.read_text(encoding="utf-8"))


class Tree(unittest.TestCase):
    def test_every_folder_of_the_host_has_its_place(self):
        folders = {path.name for path in HOST.iterdir() if path.is_dir() and sources(path)}
        self.assertLessEqual(folders, set(BELOW))
        self.assertIn("runner", folders)

    def test_imports_of_the_host_point_one_way(self):
        wrong = []
        for folder, below in BELOW.items():
            for file in sources(HOST / folder):
                for name in includes(file):
                    target = name.split("/")[0]
                    if target in BELOW and target != folder and target not in below:
                        wrong.append("%s includes %s" % (file.relative_to(ROOT), name))
        self.assertEqual(wrong, [])

    def test_the_sdk_depends_on_nothing(self):
        allowed = re.compile(r"^[a-z_]+(\.h)?$|^scanhost/|^(\.\./|ext/|detail/|testing/)*[a-z_]+\.(h|hpp|ipp)$")
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(ROOT / "sdk" / "include") for name in includes(file)
                 if not allowed.match(name)]
        self.assertEqual(wrong, [])

    def test_plugins_depend_on_the_sdk_alone(self):
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(ROOT / "plugins") if "demo" not in file.relative_to(ROOT).parts
                 for name in includes(file)
                 if name.split("/")[0] in BELOW or name.startswith(("boost/", "hiredis/", "spdlog/"))]
        self.assertEqual(wrong, [])

    def test_the_demo_does_not_reach_into_the_host(self):
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(ROOT / "plugins" / "demo") for name in includes(file)
                 if name.split("/")[0] in BELOW]
        self.assertEqual(wrong, [])

    def test_third_party_types_stay_in_cpp_files(self):
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(HOST) if file.suffix != ".cpp" for name in includes(file)
                 if IN_CPP_ONLY.match(name)]
        self.assertEqual(wrong, [])

    def test_the_host_knows_no_data_model(self):
        wrong = ["%s:%d: %s" % (file.relative_to(ROOT), number, line.strip())
                 for file in sources(HOST)
                 for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
                 if FOREIGN_WORDS.search(line)]
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)

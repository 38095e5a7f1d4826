#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The tree keeps its rules: imports point one way, nothing goes in a circle, host/README.md describes what is
there, the host knows no particular data model, and names say what the thing is.

    tree_test.py ROOT
"""

import collections
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop()) if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
HOST = ROOT / "host"
README = HOST / "README.md"
SOURCES = {".h", ".hpp", ".ipp", ".c", ".cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)

# Types of these libraries stay in .cpp files.
IN_CPP_ONLY = re.compile(r"^(yaml-cpp|hiredis|prometheus|nlohmann|CLI|spdlog|boost/beast|boost/dll|openssl)/|^ares\.h$")
IN_HEADERS_TOO = {"nlohmann/json_fwd.hpp"}

# Names that do not say what the thing is.
EMPTY_NAMES = {"one", "said", "told", "made", "into", "wanted"}
GOLDEN = ROOT / "tests" / "abi" / "golden"  # frozen with their ABI
NOT_CODE = re.compile(r'R"(\w*)\((?s:.*?)\)\1"|//[^\n]*|/\*(?s:.*?)\*/|"(?:\\.|[^"\\\n])*"|'
                      r"'(?:\\.|[^'\\\n])*'")

FOREIGN_WORDS = re.compile(r"\bff[:_]|\{fp|\blanes?\b|instance_tag|flowfabric", re.I)


def sources(folder):
    return [file for file in sorted(folder.rglob("*")) if file.suffix in SOURCES]


def includes(file):
    return INCLUDE.findall(file.read_text(encoding="utf-8"))


def resolve(file, name, roots):
    """The file of the tree that an include means, or None."""
    for base in [file.parent, *roots]:
        target = base / name
        if target.is_file():
            return target.resolve()
    return None


def include_graph(folder, roots):
    """(file, file) for each include that stays inside `folder`."""
    folder = folder.resolve()
    roots = [root.resolve() for root in roots]
    edges = set()
    for file in sources(folder):
        for name in includes(file):
            target = resolve(file, name, roots)
            if target is not None and target.is_relative_to(folder):
                edges.add((file, target))
    return edges


def cycles(edges):
    """Sets of nodes that reach each other (Tarjan's algorithm, without recursion)."""
    after = collections.defaultdict(set)
    for source, target in edges:
        if source != target:
            after[source].add(target)
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    for start in sorted(after):
        if start in index:
            continue
        work = [(start, iter(sorted(after[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            target = next(rest, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = set()
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        component.add(member)
                        if member == node:
                            break
                    if len(component) > 1:
                        found.append(component)
            elif target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(sorted(after[target]))))
            elif target in on_stack:
                low[node] = min(low[node], index[target])
    return found


def unit_of(file, root):
    """foo.hpp, foo.ipp and foo.cpp count as one file."""
    return str(file.relative_to(root.resolve()).with_suffix(""))


def room_of(file, root):
    return str(file.parent.relative_to(root.resolve()))


def folder_of(file, root):
    return file.relative_to(root.resolve()).parts[0]


class Picture:
    """The arrows, the table of folders and the table "where to look" of host/README.md."""

    def __init__(self, text):
        self.arrows = self.read_arrows(text)
        self.known_by = {}
        self.rooms_known_by = {}
        self.places = []
        for line in text.splitlines():
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            name = re.fullmatch(r"`([a-z_]+)/`", cells[0])
            if name and len(cells) == 3:
                self.known_by[name.group(1)] = set(re.findall(r"[a-z_]+", cells[2]))  # or {"all"}
            room = re.fullmatch(r"`([a-z_]+/[a-z_]+)/`", cells[0])
            if room and len(cells) == 3:
                self.rooms_known_by[room.group(1)] = set(re.findall(r"[a-z_/]+", cells[2]))
            elif len(cells) == 3 and cells[0].endswith("?"):
                self.places.append((cells[0], re.findall(r"`([^`]+)`", cells[1]), re.findall(r"`([^`]+)`", cells[2])))

    @staticmethod
    def read_arrows(text):
        arrows = collections.defaultdict(set)
        for line in re.findall(r"^    (.*->.*)$", text, re.M):
            for chain in line.split(";"):
                groups = [re.findall(r"[a-z_]+", part) for part in chain.split("->")]
                for upper, lower in zip(groups, groups[1:]):
                    for name in upper:
                        arrows[name].update(lower)
        return arrows

    def below(self, folder):
        reached, work = set(), [folder]
        while work:
            for target in self.arrows[work.pop()]:
                if target not in reached:
                    reached.add(target)
                    work.append(target)
        return reached


class Tree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.picture = Picture(README.read_text(encoding="utf-8"))
        cls.folders = {path.name for path in HOST.iterdir() if path.is_dir() and sources(path)}
        cls.host = include_graph(HOST, [HOST])
        cls.folder_edges = {(folder_of(a, HOST), folder_of(b, HOST)) for a, b in cls.host
                            if a.parent != HOST.resolve()}

    def assert_no_cycles(self, edges, what):
        self.assertEqual([sorted(cycle) for cycle in cycles(edges)], [], "%s include each other in a circle" % what)

    # --- one way

    def test_imports_of_the_host_follow_the_arrows_of_its_readme(self):
        wrong = sorted("%s includes %s" % (a.relative_to(HOST), b.relative_to(HOST))
                       for a, b in self.host if a.parent != HOST.resolve()
                       and folder_of(a, HOST) != folder_of(b, HOST)
                       and folder_of(b, HOST) not in self.picture.below(folder_of(a, HOST)))
        self.assertEqual(wrong, [])

    def test_the_readme_names_every_folder_and_who_knows_it(self):
        self.assertEqual(set(self.picture.known_by), self.folders)
        wrong = []
        for folder, known_by in sorted(self.picture.known_by.items()):
            users = {a for a, b in self.folder_edges if b == folder and a != folder}
            for user in sorted(users - known_by if known_by != {"all"} else set()):
                wrong.append("%s includes %s, and the row of `%s/` does not name it" % (user, folder, folder))
        self.assertEqual(wrong, [], "correct the table in host/README.md")

    def test_the_readme_names_every_room_and_who_knows_it(self):
        rooms = {room_of(file.resolve(), HOST) for folder in self.folders for file in sources(HOST / folder)} - self.folders
        self.assertEqual(set(self.picture.rooms_known_by), rooms)
        edges = {(room_of(a, HOST), room_of(b, HOST)) for a, b in self.host}
        for room, known_by in sorted(self.picture.rooms_known_by.items()):
            users = {a for a, b in edges if b == room and a != room}
            self.assertEqual(known_by, users, "correct the row of `%s/` in host/README.md" % room)

    def test_no_folders_of_the_host_include_each_other(self):
        self.assert_no_cycles(self.folder_edges, "folders")

    def test_no_rooms_of_the_host_include_each_other(self):
        self.assert_no_cycles({(room_of(a, HOST), room_of(b, HOST)) for a, b in self.host}, "rooms")

    def test_no_files_of_the_host_include_each_other(self):
        self.assert_no_cycles({(unit_of(a, HOST), unit_of(b, HOST)) for a, b in self.host}, "files")

    def test_no_files_of_the_sdk_include_each_other(self):
        include = ROOT / "sdk" / "include"
        edges = include_graph(include, [include])
        self.assert_no_cycles({(unit_of(a, include), unit_of(b, include)) for a, b in edges}, "files")

    def test_no_files_of_the_plugins_include_each_other(self):
        plugins = ROOT / "plugins"
        edges = include_graph(plugins, [plugins])
        self.assert_no_cycles({(unit_of(a, plugins), unit_of(b, plugins)) for a, b in edges}, "files")

    def test_the_sdk_depends_on_nothing(self):
        allowed = re.compile(r"^(sys/)?[a-z_]+(\.h)?$|^scanhost/|^(\.\./|ext/|detail/|testing/)*[a-z_]+\.(h|hpp|ipp)$")
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(ROOT / "sdk" / "include") for name in includes(file)
                 if not allowed.match(name) and not (file.name == "language.hpp" and " " in name)]
        # language.hpp ends a compilation below C++20 with a file that cannot exist.
        self.assertEqual(wrong, [])

    def test_plugins_depend_on_the_sdk_alone(self):
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(ROOT / "plugins") if "demo" not in file.relative_to(ROOT).parts
                 for name in includes(file)
                 if name.split("/")[0] in self.folders or name.startswith(("boost/", "hiredis/", "spdlog/"))]
        self.assertEqual(wrong, [])

    def test_the_demo_does_not_reach_into_the_host(self):
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(ROOT / "plugins" / "demo") for name in includes(file)
                 if name.split("/")[0] in self.folders and (HOST / name).is_file()]
        self.assertEqual(wrong, [])

    def test_third_party_types_stay_in_cpp_files(self):
        wrong = ["%s includes %s" % (file.relative_to(ROOT), name)
                 for file in sources(HOST) if file.suffix != ".cpp" for name in includes(file)
                 if IN_CPP_ONLY.match(name) and name not in IN_HEADERS_TOO]
        self.assertEqual(wrong, [])

    # --- what the host does not know

    def test_the_host_knows_no_data_model(self):
        wrong = ["%s:%d: %s" % (file.relative_to(ROOT), number, line.strip())
                 for file in sources(HOST)
                 for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
                 if FOREIGN_WORDS.search(line)]
        self.assertEqual(wrong, [])

    # --- names

    def test_identifiers_say_what_the_thing_is(self):
        found = []
        for folder in ("host", "plugins", "sdk", "tests"):
            for file in sources(ROOT / folder):
                if GOLDEN in file.parents:
                    continue
                code = NOT_CODE.sub("", file.read_text(encoding="utf-8"))
                empty = {name for name in re.findall(r"[A-Za-z_]\w*", code) if name.rstrip("_") in EMPTY_NAMES}
                found += ["%s: %s" % (file.relative_to(ROOT), name) for name in sorted(empty)]
        self.assertEqual(found, [])

    # --- where to look

    def test_each_answer_to_a_newcomer_is_where_the_readme_says(self):
        self.assertGreaterEqual(len(self.picture.places), 10)
        wrong = []
        for question, words, files in self.picture.places:
            if not words or not files:
                wrong.append("%s: the row needs a word to search for and a file" % question)
            for name in files:
                file = ROOT / name
                if not file.is_file():
                    wrong.append("%s: the file %s does not exist" % (question, name))
                elif not all(word in file.read_text(encoding="utf-8") for word in words):
                    wrong.append("%s: %s does not contain all of %s" % (question, name, words))
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)

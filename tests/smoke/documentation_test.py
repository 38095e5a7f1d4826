#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the program prints about itself for man(1) and for shells: the shells and man's reader take it.

    documentation_test.py --bin DIR [unittest arguments]
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

OPTIONS = None
ROOT = pathlib.Path(__file__).resolve().parents[2]


def scanhost(*arguments):
    done = subprocess.run([str(OPTIONS.bin / "scanhost"), *arguments], capture_output=True, encoding="utf-8", timeout=60,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(command, text):
    done = subprocess.run(command, input=text, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0 and not done.stderr, (command, done.stdout, done.stderr)
    return done.stdout.split("\n")


class ManualPages(unittest.TestCase):
    def check(self, page):
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True,
                              encoding="utf-8", timeout=60)
        # The pages have no date: the same sources always make the same page.
        problems = [line for line in lint.stdout.split("\n") if line and "missing date" not in line]
        self.assertEqual(problems, [])

    def test_the_page_of_the_commands_is_sound_and_names_each_command(self):
        page = scanhost("reference", "--commands", "--man")
        self.check(page)
        text = "\n".join(run(["mandoc", "-T", "utf8"], page)).replace("\b", "")
        for words in ("EXIT STATUS", "SIGNALS", "FILES"):
            self.assertIn(words, page)
        for command in ("scanhost run", "scanhost ctl pause", "scanhost plugin verify"):
            self.assertIn(command.replace("-", "\\-"), page)
        self.assertGreater(len(text), 5000)

    def test_the_page_of_the_configuration_is_sound(self):
        self.check(scanhost("reference", "--man"))

    def test_without_man_it_is_the_help_of_all_commands(self):
        text = scanhost("reference", "--commands")
        for words in ("check-config", "log-level", "--cycles"):
            self.assertIn(words, text)


class ExitCodes(unittest.TestCase):
    def test_help_and_readme_give_the_same_meanings(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("`", "")
        table = readme[readme.index("| code | meaning |"):]
        rows = re.findall(r"^\| (\S+) \| (.*) \|$", table[:table.index("\n\n")], re.M)[1:]
        self.assertGreater(len(rows), 10)
        self.assertIn("Exit codes: " + "; ".join("%s %s" % row for row in rows) + ".", scanhost("--help").replace("\n", " "))


class Completion(unittest.TestCase):
    def bash(self, *words):
        script = scanhost("completion", "bash") + "COMP_WORDS=(%s)\nCOMP_CWORD=%d\n_scanhost\nprintf '%%s\\n' \"${COMPREPLY[@]}\"\n" % (
            " ".join("'%s'" % word for word in words), len(words) - 1)
        return [offer for offer in run(["bash", "--norc", "-s"], script) if offer]

    def zsh(self, *words):
        script = "_files() { print -- FILES; }\n_describe() { print -l -- \"${(@P)2}\"; }\ncompadd() { shift; print -l -- $@; }\n"
        script += "offer() {\nlocal -a words=(%s)\nlocal CURRENT=%d\n" % (" ".join("'%s'" % word for word in words), len(words))
        script += scanhost("completion", "zsh") + "}\noffer\n"
        return [offer.split(":")[0] for offer in run(["zsh", "-f"], script) if offer]

    def fish(self, *words):
        script = scanhost("completion", "fish") + "complete -C '%s'\n" % " ".join(words)
        return [offer.split("\t")[0] for offer in run(["fish", "--no-config"], script) if offer]

    def test_every_shell_offers_the_commands_of_a_group(self):
        for shell in (self.bash, self.zsh, self.fish):
            with self.subTest(shell.__name__):
                offers = shell("scanhost", "functions", "")
                for command in ("print", "status", "install"):
                    self.assertIn(command, offers)
                self.assertNotIn("run", offers)

    def test_every_shell_offers_the_choices_of_an_option(self):
        for shell in (self.bash, self.zsh, self.fish):
            with self.subTest(shell.__name__):
                self.assertEqual(shell("scanhost", "run", "--log-format", ""), ["auto", "human", "json"])

    def test_bash_offers_what_begins_with_the_typed_letters(self):
        self.assertEqual(self.bash("scanhost", "ctl", "re"), ["reload", "resume", "retry", "release"])
        self.assertIn("--once", self.bash("scanhost", "run", "--o"))

    def test_where_a_value_can_be_anything_it_leaves_the_word_to_the_shells_files(self):
        self.assertEqual(self.bash("scanhost", "run", "--config", ""), [])
        self.assertEqual(self.zsh("scanhost", "run", "--config", ""), ["FILES"])


def main():
    global OPTIONS
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, required=True)
    OPTIONS, rest = parser.parse_known_args()
    for program in ("mandoc", "bash", "zsh", "fish"):
        if not shutil.which(program):
            sys.exit("this test needs %s; install the package of that name" % program)
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
#
# Compares the SDK's C headers with the frozen copy of a released minor: what was released must stay word for
# word, and new fields must come after it. layout_test checks the layout in numbers; this test also detects a
# signature or a type that changed while its size did not.
#
#   headers.py compare FROZEN CURRENT    lists what changed; exit code 1 if anything did
#   headers.py list FROZEN               writes the lines of layout_<minor>.inc
#   headers.py covers FROZEN LAYOUT      checks that LAYOUT has each field and value

import pathlib
import re
import sys

# These may rise with a minor.
FREE_DEFINES = {"SCANHOST_ABI_MINOR", "SCANHOST_SDK_VERSION"}
FROZEN_STRUCTS = {"scanhost_string", "scanhost_error", "scanhost_reply", "scanhost_field"}


# The words of a declaration, independent of the spaces that a formatter puts between them.
def words(text):
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=\w)\*", " *", text).replace("* ", "*")
    return text.replace("{ ", "{").replace(" }", "}")


class header_set:
    def __init__(self, folder):
        self.structs, self.values, self.defines, self.declarations = {}, {}, {}, set()
        for path in sorted(pathlib.Path(folder).glob("**/*.h")):
            self.read(re.sub(r"/\*.*?\*/", " ", path.read_text().replace("\\\n", " "), flags=re.S))

    def read(self, text):
        for name, value in re.findall(r"^#define (SCANHOST_\w+(?:\(\w+\))?)[ \t]+(.+)$", text, flags=re.M):
            self.defines.setdefault(name, []).append(words(value))
        text = re.sub(r"^#.*$", "", text, flags=re.M)
        for name, body in re.findall(r"struct (\w+) \{(.*?)\n\}", text, flags=re.S):
            self.structs[name] = [words(field) for field in body.split(";") if field.strip()]
        for body in re.findall(r"enum \{(.*?)\}", text, flags=re.S):
            for item in body.split(","):
                name, _, value = item.partition("=")
                self.values[words(name)] = words(value)
        outside = re.sub(r"(struct \w+|enum) \{.*?\n\}", "", text, flags=re.S)
        self.declarations |= {words(part) for part in outside.split(";") if "(" in part}


def field_name(field):
    pointer = re.search(r"\(\*(\w+)\)", field)
    return pointer.group(1) if pointer else re.search(r"(\w+)$", field).group(1)


def changes(frozen, current):
    for name, fields in frozen.structs.items():
        now = current.structs.get(name, [])
        if now[: len(fields)] != fields:
            yield f"struct {name}: it no longer begins with the released fields"
        if name in FROZEN_STRUCTS and len(now) > len(fields):
            yield f"struct {name}: it is frozen and has grown"
    for name, value in frozen.values.items():
        if current.values.get(name) != value:
            yield f"{name}: was {value}, is {current.values.get(name)}"
    for name, value in frozen.defines.items():
        if name not in FREE_DEFINES and current.defines.get(name) != value:
            yield f"{name}: was {value}, is {current.defines.get(name)}"
    for declaration in sorted(frozen.declarations - current.declarations):
        yield f"removed or changed: {declaration}"


def layout_keys(frozen):
    for name, fields in frozen.structs.items():
        yield f"SIZE({name},"
        for field in fields:
            yield f"FIELD({name}, {field_name(field)},"
    for name in frozen.values:
        yield f"VALUE({name},"


def main(task, folder, other=None):
    frozen = header_set(folder)
    if task == "compare":
        found = list(changes(frozen, header_set(other)))
    elif task == "covers":
        layout = pathlib.Path(other).read_text()
        found = [f"{other} lacks {key}" for key in layout_keys(frozen) if key not in layout]
    else:
        found = []
        print("\n".join(layout_keys(frozen)))
    if not frozen.structs or not frozen.values or not frozen.defines:
        found.append(f"{folder}: found no headers")
    print("\n".join(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

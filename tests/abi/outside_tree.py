# SPDX-License-Identifier: Apache-2.0
#
# What a plugin author does: installs the SDK into an empty prefix, copies the examples and the plugins of the
# README into empty folders, and builds them there. Checks what the files export and runs the examples.

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

ENTRY = "scanhost_plugin_entry"


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def check_exports(plugin):
    # nm prints `address type name`; type u is GNU_UNIQUE. A symbol defined by the linker script has type A.
    lines = [line.split() for line in run("nm", "-D", "--defined-only", plugin).splitlines()]
    exported = [(kind, name) for _, kind, name in lines]
    if exported != [("T", ENTRY)]:
        raise SystemExit(f"{plugin} exports {exported}; it must export only {ENTRY}")
    if " UNIQUE " in run("readelf", "--wide", "--symbols", plugin):
        raise SystemExit(f"{plugin} has GNU_UNIQUE symbols")


def build(args, source, prefix):
    out = source / "build"
    run(args.cmake, "-S", source, "-B", out, f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_C_COMPILER={args.cc}", f"-DCMAKE_CXX_COMPILER={args.cxx}",
        "-DCMAKE_C_FLAGS=-Wall -Wextra -Wpedantic -Werror", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    run(args.cmake, "--build", out)
    plugins = sorted(out.glob("*.so"))
    for plugin in plugins:
        check_exports(plugin)
    return plugins


def readme_folders(readme, target):
    """The files in the README: each is a fenced block after a line "`folder/file`:"."""
    found = re.findall(r"^`([\w/.]+)`:\n+```\w*\n(.*?)^```$", readme.read_text(), flags=re.M | re.S)
    for name, text in found:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return sorted({path.parent for path in target.glob("*/CMakeLists.txt")})


def examples(folder):
    """Their names; the Rust example is included only if rustc is installed."""
    patterns = ["*.c", "*.cpp"] + (["*.rs"] if shutil.which("rustc") else [])
    return {source.stem for pattern in patterns for source in folder.glob(pattern)}


def with_pkg_config(args, source, prefix):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(prefix / "share/pkgconfig"))
    flags = run("pkg-config", "--cflags", "--libs", "scanhost-sdk", env=environment).split()
    compiler = [args.cc] if source.suffix == ".c" else [args.cxx, "-std=c++20"]
    if "g++" in pathlib.Path(compiler[0]).name and "clang" not in compiler[0]:
        compiler.append("-fno-gnu-unique")
    plugin = source.with_suffix(".by_pkg_config.so")
    run(*compiler, "-shared", "-fPIC", source, "-o", plugin, *flags)
    check_exports(plugin)


def main():
    parser = argparse.ArgumentParser()
    for name in ("cmake", "build", "examples-test", "cc", "cxx"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        prefix = folder / "prefix"
        run(args.cmake, "--install", args.build, "--component", "sdk", "--prefix", prefix)
        docs = prefix / "share/doc/scanhost-sdk"

        shutil.copytree(docs / "examples", folder / "examples")
        built = {plugin.stem for plugin in build(args, folder / "examples", prefix)}
        if built != examples(folder / "examples"):
            raise SystemExit(f"only these examples were built: {built}")
        run(args.examples_test, env=dict(os.environ, SCANHOST_EXAMPLES=str(folder / "examples/build")))

        tutorials = readme_folders(docs / "README.md", folder / "readme")
        if len(tutorials) < 2 or not all(build(args, tutorial, prefix) for tutorial in tutorials):
            raise SystemExit(f"only these plugins of the README were built: {tutorials}")
        if shutil.which("pkg-config"):
            for name in ("session_janitor.c", "stream_lag.cpp", "key_ttl_audit.cpp"):
                with_pkg_config(args, folder / "examples" / name, prefix)


if __name__ == "__main__":
    main()

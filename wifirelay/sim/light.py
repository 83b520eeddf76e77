# SPDX-License-Identifier: GPL-2.0-or-later
"""What OpenWrt's python3-light has, as far as this machine's Python can tell.

`PRELUDE` makes an interpreter forget the modules that are packages of their own there;
`write_python` puts such an interpreter onto a simulated router, as /usr/bin/python3.
Its version is this machine's. It maps what the router's names name below the router's
root where Python itself opens it: the script, `sys.path`, and the arguments of modules
(`-m`) and of scripts in RAM. A program that is installed maps its own.
"""

import os
import shlex
import sys

# Not in python3-light (OpenWrt 23.05 to 25.12: packages of their own), or not to be loaded.
MISSING = frozenset(
    {
        *("asyncio", "cgi", "cgitb", "ctypes", "_ctypes", "dbm", "decimal", "_decimal"),
        *("_pydecimal", "distutils", "email", "logging", "lzma", "_lzma", "multiprocessing"),
        *("_multiprocessing", "curses", "_curses", "pydoc", "pydoc_data", "readline", "sqlite3"),
        *("_sqlite3", "unittest", "urllib", "uuid", "_uuid", "venv", "ensurepip", "xml"),
        *("pyexpat", "xmlrpc", "unicodedata", "doctest", "idlelib", "tkinter", "_hashlib"),
        *("_ssl", "ssl", "lib2to3", "importlib.metadata", "importlib.resources", "concurrent"),
        *("http", "zipfile", "statistics", "fractions", "bz2", "_bz2", "gzip", "_gdbm"),
        *(["pathlib"] if sys.version_info < (3, 13) else []),
    }
)

PRELUDE = f"""
import sys
class Missing:
    names = {sorted(MISSING)!r}
    def find_spec(self, name, path=None, target=None):
        if any(name == each or name.startswith(each + ".") for each in self.names):
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
"""

_LAUNCH = """
import os
root, python, bare, mode, target = sys.argv[1:6]
rest = sys.argv[6:]
sys.executable = python
if not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
    sys.path.pop(0)  # the folder of this file
    sys.path.insert(0, "")

def here(path):
    below = root + path
    return below if path.startswith("/") and os.path.exists(below) else path

def entry(path):
    below = root + path
    if not path.startswith("/") or path.startswith(root) or not os.path.isdir(below):
        raise ImportError(path)
    import _frozen_importlib_external as external
    return external.FileFinder(below, *external._get_supported_file_loaders())

sys.path_hooks.insert(0, entry)
if bare == "no":
    import site
    site.setquit()
if mode == "-m":
    sys.argv = [target] + [here(word) for word in rest]
    import runpy
    runpy._run_module_as_main(target)
    sys.exit()
main = type(sys)("__main__")
main.__builtins__ = __builtins__
if mode == "-c":
    name, text = "<string>", os.fsencode(target)
    sys.argv = ["-c"] + rest
elif mode == "-":
    name, text = "<stdin>", sys.stdin.buffer.read()
    sys.argv = ["-"] + rest if target else [""]
else:
    name = here(target)
    try:
        with open(name, "rb") as file:
            text = file.read()
    except OSError as error:
        sys.stderr.write(
            f"python3: can't open file {name!r}: [Errno {error.errno}] {error.strerror}\\n"
        )
        sys.exit(2)
    if name.startswith(root + "/tmp/"):
        rest = [here(word) for word in rest]
    sys.argv = [name] + rest
    main.__file__ = name
    if not sys.flags.isolated and not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(os.path.abspath(name))
sys.modules["__main__"] = main
if name.endswith(".pyc"):
    import marshal
    code = marshal.loads(text[16:])
else:
    code = compile(text, name, "exec", dont_inherit=True)
del text
exec(code, main.__dict__)
"""

# Takes the interpreter's flags apart: they must be those of the real one.
_WRAPPER = """#!/bin/sh
# python3-light of the simulated router
flags='' bare=no
run() {{ exec {python} -S $flags {launch} {root} "$0" $bare "$@"; }}
while [ $# -gt 0 ]; do
	case $1 in
	-V* | --version | -h | --help) exec {python} "$1" ;;
	-X | -W) flags="$flags $1 $2" && shift ;;
	-X* | -W*) flags="$flags $1" ;;
	-[cm]?*)
		option=${{1%"${{1#??}}"}} word=${{1#??}}
		shift
		run "$option" "$word" "$@"
		;;
	-[A-Za-z]*[cm] | -[cm])
		case $1 in *S*) bare=yes ;; esac
		option=${{1%[cm]}} mode=-${{1#"${{1%?}}"}}
		[ "$option" = - ] || flags="$flags $option"
		[ $# -gt 1 ] || exec {python} "$1"
		shift
		run "$mode" "$@"
		;;
	-) shift && run - yes "$@" ;;
	--) shift && break ;;
	-*)
		case $1 in *S*) bare=yes ;; esac
		flags="$flags $1"
		;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || run - ''
run file "$@"
"""


def write_python(root: str, folder: str) -> None:
    """Put the interpreter at ROOT/usr/bin/python3; what it begins with goes into `folder`."""
    launch = os.path.join(folder, ".light.py")
    with open(launch, "w", encoding="utf-8") as file:
        file.write(PRELUDE + _LAUNCH)
    path = os.path.join(root, "usr/bin/python3")
    words = {"python": sys.executable, "launch": launch, "root": root}
    with open(path, "w", encoding="utf-8") as file:
        file.write(_WRAPPER.format(**{k: shlex.quote(v) for k, v in words.items()}))
    os.chmod(path, 0o755)  # noqa: S103

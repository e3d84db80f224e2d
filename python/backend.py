"""Builds the distribution. Called by pip, and by packaging/prepare."""

import base64
import hashlib
import pathlib
import re
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
NAME = "keystoneauth_websso_command"
METADATA = """\
Metadata-Version: 2.1
Name: keystoneauth-websso-command
Version: %s
Summary: OpenStack sign-in in the browser for Python tools, through the websso command
Home-page: https://github.com/gophercloud-websso/websso
License: Apache-2.0
Requires-Python: >=3.8
Requires-Dist: keystoneauth1>=5.0
"""
ENTRY_POINTS = """\
[keystoneauth1.plugin]
v3websso = %s:Loader
""" % NAME
WHEEL = """\
Wheel-Version: 1.0
Generator: websso
Root-Is-Purelib: true
Tag: py3-none-any
"""


def version():
    """Return the newest released version in the project's CHANGELOG.md."""
    try:
        changes = (HERE.parent / "CHANGELOG.md").read_text(encoding="utf-8")
    except OSError:  # pip before 21.3 builds in a copy of this directory
        changes = ""
    released = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changes, re.MULTILINE)
    return released.group(1) if released else "0.0.0"


def files():
    """Return what is installed: contents by path."""
    info = "%s-%s.dist-info/" % (NAME, version())
    return {
        NAME + ".py": (HERE / (NAME + ".py")).read_text(encoding="utf-8"),
        info + "METADATA": METADATA % version(),
        info + "WHEEL": WHEEL,
        info + "entry_points.txt": ENTRY_POINTS,
    }


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    contents, record = files(), ""
    for path, text in contents.items():
        digest = hashlib.sha256(text.encode()).digest()
        record += "%s,sha256=%s,%d\n" % (
            path, base64.urlsafe_b64encode(digest).decode().rstrip("="),
            len(text.encode()))
    path = "%s-%s.dist-info/RECORD" % (NAME, version())
    contents[path] = record + path + ",,\n"
    wheel = "%s-%s-py3-none-any.whl" % (NAME, version())
    with zipfile.ZipFile(pathlib.Path(wheel_directory, wheel), "w") as archive:
        for path, text in contents.items():
            entry = zipfile.ZipInfo(path)  # of 1980: the same bytes each time
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, text, zipfile.ZIP_DEFLATED)
    return wheel


def install(directory):
    """Write the files for Debian, which needs no RECORD."""
    for path, text in files().items():
        target = pathlib.Path(directory, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    install(sys.argv[1])

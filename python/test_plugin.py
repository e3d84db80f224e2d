"""Run with Debian's pytest: /usr/bin/python3 -m pytest python"""

import http.server
import json
import logging
import os
import subprocess
import sys
import threading
import zipfile
from datetime import datetime, timedelta, timezone

import keystoneauth1.fixture
import pytest
from keystoneauth1 import exceptions, identity, loading, session

import backend
import keystoneauth_websso_command as plugin

URL = "https://identity.example.com/v3"
TOKEN = "gAAAAsecret"


class Command:
    """A stand-in for websso, first in PATH. It logs how it was called."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.path = directory / "websso"
        self.script("cat", "exit $(cat status)")
        self.answers(credential())

    def script(self, *lines):
        self.path.write_text("\n".join([
            "#!/bin/sh",
            'cd "%s" || exit' % self.directory,
            'for a; do printf "%s\\n" "$a"; done >>calls; echo >>calls',
            lines[0] + " answer" if lines[0] == "cat" else lines[0],
            *lines[1:], ""]))
        self.path.chmod(0o755)

    def answers(self, answer, status=0):
        (self.directory / "answer").write_text(
            answer if isinstance(answer, str) else json.dumps(answer))
        (self.directory / "status").write_text(str(status))

    def calls(self):
        """Return the arguments of each call so far."""
        try:
            text = (self.directory / "calls").read_text()
        except FileNotFoundError:
            return []
        return [call.split("\n") for call in text.strip("\n").split("\n\n")]


def credential(lifetime=timedelta(hours=1), token=TOKEN):
    body = keystoneauth1.fixture.V3Token(
        project_name="demo", expires=datetime.now(timezone.utc) + lifetime)
    body.add_service("compute", name="nova").add_endpoint(
        "public", "https://compute.example.com/v2.1", region="north")
    return {"version": 1, "id": token, "auth_url": URL, **body}


def failure(status, message, *advice):
    return {"version": 1, "error": {
        "status": status, "message": message, "advice": list(advice)}}


@pytest.fixture(autouse=True)
def command(tmp_path, monkeypatch):
    stand_in = Command(tmp_path / "bin")
    monkeypatch.setenv("PATH", "%s:/usr/bin:/bin" % stand_in.directory)
    for name in [*os.environ]:
        if name.startswith("WEBSSO_") or name.endswith("_CA_BUNDLE"):
            monkeypatch.delenv(name)
    # pytest's own standard input and error are neither terminals nor not.
    monkeypatch.setattr(os, "isatty", lambda fd: False)
    return stand_in


def test_options_of_the_other_plugins():
    options = {option.dest: option for option in plugin.Loader().get_options()}
    assert all(option.help for option in options.values())
    # keystoneauth-websso 0.2.5, as clouds.yaml takes them, and keystoneauth 5.17.
    assert {"auth_url", "identity_provider", "protocol", "redirect_host",
            "redirect_port", "cache_path", "login_timeout", "username"
            } < options.keys()
    if hasattr(identity, "V3WebSSO"):
        theirs = loading.get_plugin_loader("v3websso").get_options()
        assert {option.dest for option in theirs} <= options.keys()


def load(**options):
    return plugin.Loader().load_from_options(**{
        "auth_url": URL, "identity_provider": "acme", "protocol": "openid",
        "project_id": "p1", **options})


SIGN_IN = ["credential", "--auth-url=" + URL, "--identity-provider=acme",
           "--protocol=openid"]


def test_access(command, caplog):
    caplog.set_level(logging.DEBUG)
    auth = load()
    s = session.Session(auth)
    assert s.get_token() == TOKEN
    assert s.get_project_id() is not None
    assert auth.get_access(s).project_name == "demo"
    assert s.get_endpoint(service_type="compute", region_name="north",
                          skip_discovery=True) == (
        "https://compute.example.com/v2.1")
    assert command.calls() == [
        [*SIGN_IN, "--project-id=p1", "--non-interactive"]]
    assert TOKEN not in caplog.text
    # openstacksdk stores nothing.
    assert auth.get_cache_id() is None
    assert auth.get_auth_state() == ""


def test_login_timeout_is_a_number():
    with pytest.raises(ValueError):  # 5m would be 5 milliseconds
        load(login_timeout="5m")


def test_openstackclient_asks_twice(command):
    auth, s = load(), session.Session()
    assert auth.get_auth_ref(s).auth_token == auth.get_access(s).auth_token
    assert len(command.calls()) == 1


@pytest.mark.parametrize("options, verify, cert, environment, want", [
    ({"project_id": None}, True, None, {}, ["--unscoped"]),
    # Opts that are not in both plugins, and an identity provider of Keystone's choice.
    ({"identity_provider": None, "username": "me", "redirect_host": "127.0.0.1",
      "redirect_port": "9991", "login_timeout": 90, "cache_path": "/x",
      "domain_id": "d1", "project_id": None}, True, None, {},
     ["credential", "--auth-url=" + URL, "--protocol=openid", "--username=me",
      "--redirect-host=127.0.0.1", "--redirect-port=9991", "--timeout=90.0s",
      "--domain-id=d1"]),
    # What is left over from another auth_type.
    ({"password": "x", "user_domain_name": "Default", "user_id": "u"}, True,
     None, {}, ["--project-id=p1"]),
    # An ID needs no name, and no name no domain.
    ({"project_name": "demo", "project_domain_name": "Default"}, True, None, {},
     ["--project-id=p1"]),
    ({"project_id": None, "project_domain_name": "Default"}, True, None, {},
     ["--unscoped"]),
    ({"project_id": None, "project_name": "demo", "project_domain_id": "d"},
     True, None, {}, ["--project-name=demo", "--project-domain-id=d"]),
    ({"project_id": None, "trust_id": "t"}, True, None, {}, ["--trust-id=t"]),
    ({"project_id": None, "system_scope": "all"}, True, None, {},
     ["--system-scope=all"]),
    # TLS, as requests does it.
    ({}, False, None, {"REQUESTS_CA_BUNDLE": "/r"},
     ["--project-id=p1", "--insecure"]),
    ({}, "/ca", None, {"REQUESTS_CA_BUNDLE": "/r"},
     ["--project-id=p1", "--cacert=/ca"]),
    ({}, True, None, {"REQUESTS_CA_BUNDLE": "/r", "CURL_CA_BUNDLE": "/c"},
     ["--project-id=p1", "--cacert=/r"]),
    ({}, True, None, {"CURL_CA_BUNDLE": "/c"},
     ["--project-id=p1", "--cacert=/c"]),
    ({}, True, "/both", {}, ["--project-id=p1", "--cert=/both", "--key=/both"]),
    ({}, True, ("/c", "/k"), {}, ["--project-id=p1", "--cert=/c", "--key=/k"]),
])
def test_options(command, monkeypatch, options, verify, cert, environment, want):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if want[0] != "credential":
        want = SIGN_IN + want
    session.Session(load(**options), verify=verify, cert=cert).get_token()
    got, = command.calls()
    assert sorted(got) == sorted(want + ["--non-interactive"])


@pytest.mark.parametrize("terminals, environment, want", [
    ((), {}, True), ((0,), {}, False), ((2,), {}, False),
    ((), {"WEBSSO_NON_INTERACTIVE": "false"}, False),
    ((), {"WEBSSO_NON_INTERACTIVE": ""}, True)])
def test_opens_a_browser_only_if_somebody_watches(
        command, monkeypatch, capfd, terminals, environment, want):
    monkeypatch.setattr(os, "isatty", lambda fd: fd in terminals)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    command.script("cat", "echo 'open https://...' >&2")
    session.Session(load()).get_token()
    assert ("--non-interactive" in command.calls()[0]) == want
    # Whoever watches sees it at once, others find it in the log.
    assert ("open https" in capfd.readouterr().err) != want


def test_progress_is_logged_if_nobody_watches(command, caplog):
    command.script("cat", "echo 'signed in as alice' >&2")
    session.Session(load()).get_token()
    assert [r.getMessage() for r in caplog.records if r.levelname == "WARNING"
            ] == ["signed in as alice"]


def test_stdin_is_left_alone(command):
    command.script("cat", "cat >stdin")
    with subprocess.Popen(["echo", "data"], stdout=subprocess.PIPE) as echo:
        kept = os.dup(0)
        os.dup2(echo.stdout.fileno(), 0)
        try:
            session.Session(load()).get_token()
            assert os.read(0, 100) == b"data\n"
        finally:
            os.dup2(kept, 0)
            os.close(kept)


class Service(http.server.BaseHTTPRequestHandler):
    """Answers 401 to every token but good."""

    good = ""

    def do_GET(self):
        ok = self.headers["X-Auth-Token"] == self.good
        self.send_response(200 if ok else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def service():
    class Handler(Service):
        pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    Handler.url = "http://127.0.0.1:%d/" % server.server_port
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_refused_token_is_checked_once(command, service):
    s = session.Session(load())
    assert s.get_token() == TOKEN
    service.good = "new"
    command.answers(credential(token="new"))
    assert s.get(service.url).status_code == 200
    assert ["--check" in call for call in command.calls()] == [False, True]
    # A service that refuses every token is asked twice, not for ever.
    service.good = None
    with pytest.raises(exceptions.Unauthorized):
        s.get(service.url)
    assert ["--check" in call for call in command.calls()] == [
        False, True, True]
    service.good = "new"
    assert s.get(service.url).status_code == 200
    assert len(command.calls()) == 3
    # What follows is not about a refused token.
    command.answers(credential(-timedelta(hours=1)))
    s.invalidate()
    for _ in range(2):
        s.get_token()
    assert ["--check" in call for call in command.calls()[3:]] == [True, False]


def test_each_thread_tries_again(command, service):
    s = session.Session(load())
    s.get_token()
    service.good = "new"
    command.answers(credential(token="new"))
    s.invalidate()  # another thread's 401, just before this one's
    answers = []
    together = threading.Barrier(8)

    def get():
        together.wait(30)
        answers.append(s.get(service.url, raise_exc=False).status_code)
    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 8
    # Two 401s for one token: the second comes when it has been dropped.
    assert s.invalidate() and s.invalidate()


@pytest.mark.parametrize("lifetime, renewals", [
    (timedelta(seconds=90), 1),
    (timedelta(hours=1), 1),
    (timedelta(seconds=-90), 4),
])
def test_short_tokens(command, lifetime, renewals):
    command.answers(credential(lifetime))
    s = session.Session(load())
    for _ in range(4):
        assert s.get_token() == TOKEN
    assert len(command.calls()) == renewals
    assert s.auth.MIN_TOKEN_LIFE_SECONDS <= 120


def test_failure(command):
    command.answers(failure(3, "nobody is signed in", "websso login --x=y"), 3)
    with pytest.raises(plugin.SignInFailed) as got:
        session.Session(load()).get_token()
    assert str(got.value) == "nobody is signed in\nwebsso login --x=y"
    assert got.value.status == 3
    assert isinstance(got.value, exceptions.AuthorizationFailure)
    # The same session works as soon as the user has signed in.
    command.answers(credential())
    assert session.Session(load()).get_token() == TOKEN


@pytest.mark.parametrize("answer, status", [
    ("", 0), ("", 2), ("hello\n", 0), ("[]", 0), ("null", 0), ("{}", 0),
    ({**credential(), "version": 2}, 0), ({"version": 1}, 0),
    ({"version": 1, "id": "x"}, 0), ({"version": 1, "id": "x", "token": 1}, 0),
    ({"version": 1, "id": "x", "token": {}}, 0), ({**credential(), "id": None}, 0),
    ({"version": 1, "error": "no"}, 1), pytest.param("[" * 100000, 0, id="deep"),
    ({**failure(1, "no"), "version": 2}, 1), ("\udce9", 0),
])
def test_too_old_or_another_program(command, answer, status):
    if answer == "\udce9":
        command.script("printf '\\351'")
    else:
        command.answers(answer, status)
    with pytest.raises(plugin.SignInFailed) as got:
        session.Session(load()).get_token()
    assert str(got.value) == (
        "%s is too old, or another program: %s"
        % (command.path, plugin.INSTALL))
    assert got.value.status is None


def test_no_command(command, monkeypatch):
    command.path.write_bytes(b"\x7fELF")  # of another computer
    with pytest.raises(plugin.SignInFailed, match="websso is too old, or"):
        session.Session(load()).get_token()
    command.script("cat")
    monkeypatch.setenv("PATH", ".:%s:/usr/bin:/bin" % command.directory)
    monkeypatch.chdir(command.directory)
    assert session.Session(load()).get_token() == TOKEN
    for path, directory in (("/usr/bin:/bin", "/"),
                            # A program in the current directory is not meant.
                            ("bin:/usr/bin", command.directory.parent)):
        monkeypatch.setenv("PATH", path)
        monkeypatch.chdir(directory)
        with pytest.raises(plugin.SignInFailed, match="not in your PATH: inst"):
            session.Session(load()).get_token()


@pytest.mark.parametrize("in_tree", [False, True])
@pytest.mark.parametrize("ours_first", [False, True])
def test_two_plugins_of_the_name(tmp_path, in_tree, ours_first):
    """Before 5.17, keystoneauth has none of its own, and takes neither of two."""
    if not in_tree and hasattr(identity, "V3WebSSO"):
        pytest.skip("this keystoneauth has its own")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    backend.install(ours)
    info = theirs / "keystoneauth_websso-0.2.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: keystoneauth-websso\nVersion: 0.2.5\n")
    entries = "[keystoneauth1.plugin]\nv3websso = keystoneauth_websso.loading:L\n"
    if in_tree:
        entries += "v3websso=keystoneauth1.loading._plugins.identity.v3:Password\n"
    (info / "entry_points.txt").write_text(entries)
    package = theirs / "keystoneauth_websso"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "loading.py").write_text(
        "from keystoneauth1 import loading\n"
        "class L(loading.BaseFederationLoader): pass\n")
    found = [str(ours), str(theirs)] if ours_first else [str(theirs), str(ours)]
    run = subprocess.run(
        [sys.executable, "-Wignore", "-c",
         "from keystoneauth1 import loading\n"
         "for _ in range(2):\n"
         "  try: loading.get_plugin_loader('v3websso')\n"
         # What keystoneauth before 5.17 says, which this test has.
         "  except loading.base.exceptions.NoMatchingPlugin: pass\n"
         "  except Exception as e: print(e)"],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path),
             "PYTHONPATH": os.pathsep.join(found)},
        text=True, capture_output=True, timeout=60, check=True)
    line = "two plugins are named v3websso: pip uninstall keystoneauth-websso\n"
    got = (run.stdout, run.stderr)
    assert got == (("", line) if in_tree else (line * 2, ""))


def test_wheel(tmp_path):
    name = backend.build_wheel(tmp_path)
    first = (tmp_path / name).read_bytes()
    backend.build_wheel(tmp_path)
    assert (tmp_path / name).read_bytes() == first
    with zipfile.ZipFile(tmp_path / name) as wheel:
        record = wheel.read(wheel.namelist()[-1]).decode()
        assert [line.split(",")[0] for line in record.splitlines()] == (
            wheel.namelist())

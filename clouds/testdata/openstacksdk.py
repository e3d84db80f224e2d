#!/usr/bin/python3
"""Records how openstacksdk and openstackclient read the cases in cases.json.

With --check, it writes nothing and reports whether the recorded answers still hold. The
answer of an older version is recorded if it differs from that of the newest: "older" maps
the last version that gives an answer to the answer. With --older, answers that differ are
recorded there.

openstacksdk reads the cases without variables, openstackclient those with variables. If
keystoneauth has no v3websso plugin, which it has since 5.17, one with the same options
takes its place. Left-over options about users, which keystoneauth refuses, are dropped.
Values that are the plugin's defaults are left out.
"""
import json
import multiprocessing
import os
import sys
import tempfile
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))


def plugin():
    from keystoneauth1 import loading
    from keystoneauth1.identity import v3
    from keystoneauth1.identity.v3 import federation
    from keystoneauth1.loading import base

    class StandIn(federation.FederationBaseAuth):
        def __init__(self, auth_url, identity_provider, protocol, redirect_host='localhost', redirect_port=9990,
                     login_timeout=60, username=None, **rest):
            super().__init__(auth_url, identity_provider, protocol, **rest)
            self.redirect_host = redirect_host
            self.redirect_port = int(redirect_port)
            self.login_timeout = float(login_timeout)
            self.username = username

        def get_unscoped_auth_ref(self, session, **kwargs):
            raise NotImplementedError

    class Plugin(getattr(v3, 'WebSSO', StandIn)):
        def __init__(self, *args, **options):
            super().__init__(*args, **{k: v for k, v in options.items() if not k.startswith('user_') and k != 'password'})

    class Loader(loading.BaseFederationLoader):
        plugin_class = Plugin

        def get_options(self):
            return super().get_options() + [loading.Opt('redirect-port', type=int), loading.Opt('redirect-host'),
                                            loading.Opt('login-timeout', type=float), loading.Opt('username')]

    get, names = base.get_plugin_loader, base.get_available_plugin_names
    for module in (base, loading):
        module.get_plugin_loader = lambda name: Loader() if name == 'v3websso' else get(name)
        module.get_available_plugin_names = lambda: names() | {'v3websso'}


def scope(auth):
    """Returns the scope that keystoneauth1.identity.v3.base.Auth.get_auth_ref asks for."""
    project, domain = auth.project_id or auth.project_name, auth.domain_id or auth.domain_name
    if bool(project) + bool(domain) + bool(auth.trust_id) > 1:
        raise ValueError('cannot be scoped to multiple targets')
    if auth.domain_id:
        return {'DomainID': auth.domain_id}
    if auth.domain_name:
        return {'DomainName': auth.domain_name}
    if auth.project_id:
        return {'ProjectID': auth.project_id}
    if auth.project_name and auth.project_domain_id:
        return {'ProjectName': auth.project_name, 'DomainID': auth.project_domain_id}
    if auth.project_name:
        return {'ProjectName': auth.project_name, 'DomainName': auth.project_domain_name}
    if auth.trust_id:
        return {'TrustID': auth.trust_id}
    if auth.system_scope == 'all':
        return {'System': True}
    return None


def load(case):
    if not case.get('env'):
        import openstack.config
        return openstack.config.OpenStackConfig().get_one(case['cloud'])
    import openstackclient.shell
    shell = openstackclient.shell.OpenStackShell()
    shell.options, rest = shell.parser.parse_known_args(['--os-cloud', case['cloud']] if case.get('cloud') else [])
    shell.command_options = []
    shell.configure_logging()
    shell.initialize_app(rest)
    return shell.cloud_config.get_one(cloud=shell.options.cloud, argparse=shell.options, validate=True)


def ask(case):
    plugin()
    try:
        cloud = load(case)
        auth = cloud.get_auth()
        verify, cert = cloud.get_requests_verify_args()
        interface = cloud.config['interface']
        said = {
            'auth_url': auth.auth_url,
            'identity_provider': auth.identity_provider,
            'protocol': auth.protocol,
            'redirect_host': auth.redirect_host,
            'redirect_port': auth.redirect_port,
            'login_timeout': auth.login_timeout,
            'username': auth.username,
            'scope': scope(auth),
            'region': cloud.config['region_name'],
            'interface': ' '.join(interface) if isinstance(interface, list) else interface,
            'unverified': not verify,
            'cacert': isinstance(verify, str),
            'cert': bool(cert),
        }
        defaults = {'redirect_host': 'localhost', 'redirect_port': 9990, 'login_timeout': 60}
        return {k: v for k, v in said.items() if v and v != defaults.get(k)}
    except (Exception, SystemExit) as e:
        return {'error': type(e).__name__}


# These look at the environment and the directory when they are imported.
LOOK = 'openstack.config.', 'osc_lib.cli.', 'osc_lib.shell.', 'openstackclient.shell.'


def run(case):
    """Reads a case in its own directory, in a fork of the process that has imported all the rest."""
    for name in list(sys.modules):
        if (name + '.').startswith(LOOK):
            del sys.modules[name]
            package, _, module = name.rpartition('.')
            if package in sys.modules:
                vars(sys.modules[package]).pop(module, None)
    with tempfile.TemporaryDirectory() as directory:
        for name, file in (('clouds.yaml', case.get('file')), ('secure.yaml', case.get('secure')), ('clouds-public.yaml', 'clouds-public.yaml')):
            if file:
                os.symlink(os.path.join(HERE, file), os.path.join(directory, name))
        path = os.environ['PATH']
        os.environ.clear()
        os.environ.update({'PATH': path, 'HOME': directory, **case.get('env', {})})
        os.chdir(directory)
        with open(os.devnull, 'w') as sys.stdout, open(os.devnull, 'w') as sys.stderr:
            return ask(case)


def number(version):
    return [int(part) for part in version.split('.')[:2]]


def recorded(case, version):
    """Returns the key in case of the answer for the version, and the answer."""
    older = case.get('older', {})
    for last in sorted(older, key=number):
        if number(version) <= number(last):
            return last, older[last]
    return None, case.get('openstacksdk')


def main():
    warnings.simplefilter('ignore')
    import openstackclient.shell  # noqa: F401
    from openstack.version import __version__
    version = '.'.join(__version__.split('.')[:2])
    path = os.path.join(HERE, 'cases.json')
    with open(path) as f:
        cases = json.load(f)
    differ = 0
    with multiprocessing.get_context('fork').Pool(maxtasksperchild=1) as pool:
        answers = pool.map(run, cases, chunksize=1)
    for case, said in zip(cases, answers):
        last, before = recorded(case, version)
        if before == said:
            continue
        differ += 1
        print(case['name'], 'is now', json.dumps(said))
        if last or sys.argv[1:] == ['--older']:
            case.setdefault('older', {})[last or version] = said
        else:
            case['openstacksdk'] = said
    print(f'openstacksdk {version}: {differ} of {len(cases)} answers differ')
    if sys.argv[1:] != ['--check']:
        with open(path, 'w') as f:
            f.write('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')
    elif differ:
        sys.exit(1)


main()

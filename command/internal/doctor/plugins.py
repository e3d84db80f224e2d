# Prints the modules that keystoneauth may load for the auth_type v3websso.
# Nothing is imported from the current directory.
import sys
sys.path = [path for path in sys.path if path]
from importlib import metadata
found = metadata.entry_points()
group = "keystoneauth1.plugin"
for plugin in found.select(group=group) if hasattr(found, "select") else found.get(group, ()):
    if plugin.name == "v3websso":
        print(plugin.value)

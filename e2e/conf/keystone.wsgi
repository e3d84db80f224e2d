# Keystone's API. The script keystone-wsgi-public, which does the same, is gone
# from Keystone 30.
from keystone.server.wsgi import initialize_public_application

application = initialize_public_application()

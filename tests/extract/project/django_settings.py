SECRET_KEY = "not a secret"
USE_TZ = True
INSTALLED_APPS = []

def _hook(name, hook):
    """Prepares a library before the user's modules see it; one that cannot be imported yet is
    tried again when Django is ready."""
    if importlib.util.find_spec(name) is None:
        return True
    try:
        hook()
        return True
    except Exception:
        return False


def _import(name):
    global _current_module
    _current_module = name
    try:
        importlib.import_module(name)
    except KeyboardInterrupt:
        raise
    except SyntaxError as error:
        frames = user_frames(error.__traceback__)
        if error.filename:
            frames.append(frame(error.filename, error.lineno, "<module>", error.text))
        failure("import", "%s: %s" % (type(error).__name__, error.msg), frames=frames)
    except ModuleNotFoundError as error:
        missing = error.name and (name == error.name or name.startswith(error.name + "."))
        failure("module_not_found" if missing else "import", describe(error), error)
    except BaseException as error:
        failure("import", describe(error), error)
    _current_module = None


def _setup_django(settings):
    if settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
    if not os.environ.get("DJANGO_SETTINGS_MODULE") or importlib.util.find_spec("django") is None:
        return
    try:
        import django

        django.setup()
    except BaseException as error:
        failure("django", describe(error), error)


def _main():
    wanted = json.loads(sys.argv[1])
    sys.argv[:] = [""]
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())
    if wanted["django_settings"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = wanted["django_settings"]
    libraries = (
        ("celery_salt", hook_salt, collect_salt),
        ("tchu_tchu", hook_tchu, collect_tchu),
    )
    hooked = {name: _hook(name, hook) for name, hook, _ in libraries}
    if wanted["services"]:
        hook_queues()
    _setup_django(wanted["django_settings"])
    for name, hook, _ in libraries:
        if not hooked[name]:
            _hook(name, hook)
    if wanted["services"]:
        hook_queues()
    for module in wanted["modules"]:
        _import(module)
    import_handlers()
    for name, _, collect in libraries:
        if name in sys.modules:
            try:
                collect()
            except Exception as error:
                failure("library", "%s: %s" % (name, describe(error)), error)
    finish_records()
    send_answer()


_status = 0
try:
    _main()
except BaseException:
    traceback.print_exc()
    _status = 1
sys.stdout.flush()
sys.stderr.flush()
# Threads that the modules left behind must not keep us waiting.
os._exit(_status)

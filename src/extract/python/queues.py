# The queues that an app sets up, and the modules with its handlers.
_handler_modules = []


def hook_queues():
    for module, function, library in (
        ("celery_salt.django.celery", "setup_salt_queue", "celery-salt"),
        ("tchu_tchu.django.celery", "setup_celery_queue", "tchu-tchu"),
    ):
        try:
            _hook_queue(importlib.import_module(module), function, library)
        except Exception:
            # Without the library nobody calls its function.
            continue


def _hook_queue(module, name, library):
    original = getattr(module, name)
    if hasattr(original, "_celerysalt"):
        return
    signature = inspect.signature(original)

    def setup(*arguments, **options):
        call = signature.bind(*arguments, **options)
        call.apply_defaults()
        _note_queue(call.arguments, library)
        return original(*arguments, **options)

    setup._celerysalt = True
    package = module.__name__.split(".")[0]
    for loaded, holder in list(sys.modules.items()):
        if loaded.split(".")[0] == package and vars(holder).get(name) is original:
            setattr(holder, name, setup)


def _note_queue(call, library):
    modules = call.get("subscriber_modules")
    if modules is None:
        modules = getattr(call["celery_app"].conf, "include", None) or []
    _handler_modules.extend(modules)
    _report["queues"].append(
        {"name": call["queue_name"], "exchange": call["exchange_name"], "library": library}
    )


def import_handlers():
    """What the worker imports when it starts; a module may set up another queue."""
    done = set()
    while [module for module in _handler_modules if module not in done]:
        for module in list(_handler_modules):
            if module not in done:
                done.add(module)
                _import(module)

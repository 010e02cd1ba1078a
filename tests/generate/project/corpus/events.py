"""Every model of the corpus as an event class."""

from celery_salt import SaltEvent
from pydantic import BaseModel

from . import choices, clinic, games, limits, mail, maps, naming, nesting, nothing, pages, payments
from . import people, scalars, shop, stock, telemetry, tickets, training, various, words

MODULES = (scalars, limits, nothing, choices, nesting, naming, words, various)

# Code bases with models of which only some are events.
SERVICES = (payments, telemetry, people, pages, training, maps, games, clinic, tickets, mail, shop, stock)


def models() -> dict[str, type[BaseModel]]:
    """The models by topic."""
    found = {}
    for module in MODULES:
        for name, value in vars(module).items():
            is_model = isinstance(value, type) and issubclass(value, BaseModel)
            if is_model and "[" not in name and value.__module__ == module.__name__ and not name.startswith("_"):
                if getattr(value, "__parameters__", None) or value.__pydantic_generic_metadata__["parameters"]:
                    continue
                found[f"{module.__name__.split('.')[-1]}.{name.strip('_').lower()}"] = value
    for service in SERVICES:
        for value in service.EVENTS:
            found[f"{service.__name__.split('.')[-1]}.{value.__name__.lower()[:60]}"] = value
    return found


EVENTS = {
    topic: type(
        f"{model.__name__}Event",
        (SaltEvent,),
        {"Schema": model, "Meta": type("Meta", (), {"topic": topic}), "__module__": __name__},
    )
    for topic, model in models().items()
}


class Divide(SaltEvent):
    """Divides two numbers."""

    class Schema(BaseModel):
        a: int
        b: int
        detail: nesting.Address | None = None

    class Response(BaseModel):
        quotient: float
        detail: nesting.Address | None = None
        other: choices.Colour | None = None

    class Error(BaseModel):
        error_code: str
        error_message: str = ""

    class Meta:
        topic = "rpc.divide"
        mode = "rpc"
        description = "Divides two numbers."

"""Every model of the corpus as an event class."""

from celery_salt import SaltEvent
from pydantic import BaseModel

from . import choices, limits, naming, nesting, nothing, scalars, various, words

MODULES = (scalars, limits, nothing, choices, nesting, naming, words, various)


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

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel

_Event = TypeVar("_Event", bound=SaltEvent)

class SaltResponse:
    event: SaltEvent
    data: Any
    @property
    def payload(self) -> Any: ...
    def __getattr__(self, name: str) -> Any: ...

class SaltEvent:
    Schema: ClassVar[type[BaseModel]]
    Response: ClassVar[type[BaseModel]]
    Error: ClassVar[type[BaseModel]]
    Meta: ClassVar[type[Any]]
    data: Any
    def __init__(self, **kwargs: Any) -> None: ...
    @property
    def payload(self) -> dict[str, Any]: ...
    def to_dict(self, **kwargs: Any) -> dict[str, Any]: ...
    def publish(
        self, broker_url: str | None = None, priority: int = 5, **kwargs: Any
    ) -> str: ...
    def call(
        self,
        timeout: int = 30,
        priority: int = 9,
        expires: int | None = None,
        **kwargs: Any,
    ) -> SaltResponse: ...
    def respond(self, data: Any = None, **kwargs: Any) -> Any: ...
    def response_payload(self, response: Any) -> Any: ...

def subscribe(
    topic: type[_Event], **celery_options: Any
) -> Callable[[Callable[[_Event], Any]], Any]: ...
def register(
    event: type[SaltEvent],
    *,
    schema: dict[str, Any],
    response_schema: dict[str, Any] | None = None,
    error_schema: dict[str, Any] | None = None,
) -> None: ...

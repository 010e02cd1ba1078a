class _Quiet:
    """Keeps celery-salt from registering what a class says about itself.

    `register` puts the schema of the publisher in, word for word.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        pass


class SaltEvent(_Quiet, _SaltEvent):  # type: ignore[misc]
    """An event class that follows the registered schema."""

    #: Properties that may be absent, and for which the schema has no default.
    _untold: frozenset[str] = frozenset()

    def __init__(self, **kwargs: Any) -> None:
        # A subscriber's own model turns what is absent into None.
        for name in self._untold:
            if kwargs.get(name, ...) is None:
                del kwargs[name]
        super().__init__(**kwargs)

    def to_dict(self, **kwargs: Any) -> dict[str, Any]:
        """The payload as it is sent: JSON types, and the names of the schema."""
        kwargs.setdefault("mode", "json")
        kwargs.setdefault("by_alias", True)
        payload: dict[str, Any] = self.data.model_dump(**kwargs)
        return payload

    def publish(
        self, broker_url: str | None = None, priority: int = 5, **kwargs: Any
    ) -> str:
        """Send the event to everybody who subscribes to its topic."""
        from celery_salt.integrations.producer import (  # type: ignore[import-untyped]
            publish_event,
        )

        message_id: str = publish_event(
            topic=self.Meta.topic,
            data=self.to_dict(),
            exchange_name=self.Meta.exchange_name,
            broker_url=broker_url,
            version=self.Meta.version,
            priority=priority,
            **kwargs,
        )
        return message_id


class _Referring(dict[str, Any]):
    """A schema that only refers to one of its definitions, as recursive ones do.

    Subscribers look for its properties, and find those of the definition.
    """

    def get(self, key: str, default: Any = None) -> Any:
        if key in self:
            return self[key]
        definition = self["$defs"].get(self["$ref"].rpartition("/")[2], {})
        return definition.get(key, default)


def register(event: type[SaltEvent], **schemas: Any) -> None:
    """Put the schemas of the publisher into the registry of this process."""
    schema = schemas["schema"]
    if "$ref" in schema and "$defs" in schema:
        schema = schemas["schema"] = _Referring(schema)
    required = schema.get("required", ())
    event._untold = frozenset(
        name
        for name, field in schema.get("properties", {}).items()
        if name not in required and isinstance(field, dict) and "default" not in field
    )
    get_schema_registry().register_schema(
        topic=event.Meta.topic,
        version=event.Meta.version,
        publisher_module=event.__module__,
        publisher_class=event.__name__,
        mode=event.Meta.mode,
        description=event.Meta.description,
        **schemas,
    )

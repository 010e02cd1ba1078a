from pydantic import BaseModel


class Address(BaseModel):
    """The shipping address."""

    shipping_line: str

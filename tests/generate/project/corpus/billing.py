from pydantic import BaseModel


class Address(BaseModel):
    """The billing address."""

    billing_line: str

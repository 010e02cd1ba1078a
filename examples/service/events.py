"""The events: what the service receives, and what it answers."""

from datetime import datetime

from celery_salt import event


@event("user.signup.completed")
class UserSignupCompleted:
    user_id: int
    email: str
    company_id: int
    signup_source: str = "web"


@event("order.created", version="v2")
class OrderCreated:
    order_id: int
    total: float
    created_at: datetime


@event("rpc.calculator.add", mode="rpc")
class AddRequest:
    a: float
    b: float


@event.response("rpc.calculator.add")
class AddResponse:
    result: float


@event("rpc.calculator.divide", mode="rpc")
class DivideRequest:
    a: float
    b: float


@event.response("rpc.calculator.divide")
class DivideResponse:
    result: float


@event.error("rpc.calculator.divide")
class DivideError:
    error_code: str
    error_message: str
    details: dict | None = None


@event("rpc.calculator.fail", mode="rpc")
class FailRequest:
    reason: str = "it was asked to"


@event("rpc.report.build", mode="rpc")
class BuildReportRequest:
    seconds: float

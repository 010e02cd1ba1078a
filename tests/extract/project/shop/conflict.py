from typing import Callable

from celery_salt import event


@event("user.renamed")
class UserRenamed:
    user_id: int


@event("user.renamed")
class UserRenamedAgain:
    user_id: str


@event("user.callback")
class UserCallback:
    call: Callable

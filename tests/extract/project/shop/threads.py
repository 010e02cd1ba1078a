"""Starts a thread that never ends; importing must not wait for it."""

import subprocess
import threading
import time

from celery_salt import event

threading.Thread(target=time.sleep, args=(1000,)).start()
subprocess.Popen(["sleep", "1000"])


@event("thread.started")
class Started:
    a: int

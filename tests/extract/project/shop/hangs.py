import subprocess
import time

child = subprocess.Popen(["sleep", "1000"])
print("waiting for the database with", child.pid)
time.sleep(1000)

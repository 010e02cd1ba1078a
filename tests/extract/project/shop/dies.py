import os

print("a C library gives up")
os._exit(9)

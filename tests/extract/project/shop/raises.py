import json


def load():
    return json.loads("{")


SETTINGS = load()

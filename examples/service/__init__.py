"""An example service on celery-salt. Start it in this folder's parent: celery -A service.app worker"""

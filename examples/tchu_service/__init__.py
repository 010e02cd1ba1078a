"""An example service on tchu-tchu. Start it in this folder's parent: celery -A tchu_service.app worker"""

"""The settings with which gunicorn serves feedserver, for another app: without what only feedserver's needs."""

from feedserver.web.gunicorn_settings import *  # noqa: F403  # gunicorn reads settings as names of a module

wsgi_app = None


def post_worker_init(_worker: object) -> None:
    """Do nothing."""

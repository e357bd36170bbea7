"""Collections over HTTP, and a page to search them."""

from numen.serve.keys import Keys
from numen.serve.limits import Limits
from numen.serve.logs import Log
from numen.serve.running import check_listening, serve

__all__ = ["Keys", "Limits", "Log", "check_listening", "serve"]

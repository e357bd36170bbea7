"""How much room does this corpus need? Measured, and beside it what is proved."""

from numen.room.limit import Limit, Wording, make_limit, write_limit
from numen.room.room import FAMILIES, Room, measure_room

__all__ = ["FAMILIES", "Limit", "Room", "Wording", "make_limit", "measure_room", "write_limit"]

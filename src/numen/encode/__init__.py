"""From text to numbers: the encoders, and the short strings that name them."""

from numen.encode.encoder import Encoder
from numen.encode.spec import DEFAULT, parse_encoder
from numen.encode.stored import encoder_from_json

__all__ = ["DEFAULT", "Encoder", "encoder_from_json", "parse_encoder"]

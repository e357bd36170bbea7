"""From text to numbers: the encoders, and the short strings that name them."""

from numen.encode.encoder import Encoder, encoder_from_json
from numen.encode.spec import parse_encoder

__all__ = ["Encoder", "encoder_from_json", "parse_encoder"]

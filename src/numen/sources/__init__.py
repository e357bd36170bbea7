"""From files to documents: one reader for each kind of source, and one door, `read_source`, that picks it."""

from numen.sources.documents import checked_document, document_from
from numen.sources.source import read_source
from numen.sources.stdlib import standard_library

__all__ = ["checked_document", "document_from", "read_source", "standard_library"]

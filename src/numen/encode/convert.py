"""From one representation to another, without training: what there is, in one place.

Dense to fewer dimensions: `truncated`, `PCA`, `RandomProjection`. Dense to codes: `sign_bits` with `hamming_search`,
`ProductCodes`. Dense to sparse, for legs made with given: `WideCodes`, and with a trained model `SparseAutoencoder`.
Sparse to dense: `SlicedVectors`. docs/REPRESENTATIONS.md says what each keeps of the quality, and at what size.
"""

from numen.encode.autoencoder import SparseAutoencoder
from numen.encode.pca import PCA
from numen.encode.product_codes import ProductCodes
from numen.encode.projection import RandomProjection
from numen.encode.sign_bits import hamming_search, sign_bits
from numen.encode.slicing import SlicedVectors
from numen.encode.truncation import truncated
from numen.encode.wide_codes import WideCodes

__all__ = [
    "PCA",
    "ProductCodes",
    "RandomProjection",
    "SlicedVectors",
    "SparseAutoencoder",
    "WideCodes",
    "hamming_search",
    "sign_bits",
    "truncated",
]
